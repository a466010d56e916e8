"""The part of the composition that knows shoppers: stores, keys, events, what is learned of them."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress

from sidecar.config.errors import ConfigurationError
from sidecar.config.personalization import Personalization
from sidecar.config.profile import Profile
from sidecar.config.sidecar import SidecarSettings
from sidecar.feedback.assembly import Feedback, assemble
from sidecar.feedback.intake import Intake
from sidecar.feedback.journal import Journal, JournalUnavailable
from sidecar.opensearch.connection import connect
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.served_opening import open_served_log
from sidecar.opensearch.ubi_follower import UbiFollower
from sidecar.profiles.measured_store import MeasuredStore
from sidecar.profiles.opening import open_store
from sidecar.profiles.profiles import DAY, Profiles
from sidecar.profiles.secret_files import load_keys
from sidecar.profiles.store import StoreUnavailable
from sidecar.profiles.switch import Switch
from sidecar.ranking.personalization.metrics import PersonalizationMetrics
from sidecar.ranking.personalization.stage import PersonalizationStage
from sidecar.ranking.recording import Recorder
from sidecar.served.log import ServedLogUnavailable
from sidecar.served.metrics import ServedMetrics
from sidecar.served.writer import ServedWriter
from sidecar.server.event_edges import event_edges
from sidecar.shared_knowledge import FeedbackKnowledge
from sidecar.taste.merge import merged
from sidecar.telemetry.event_metrics import EventMetrics
from sidecar.telemetry.metrics import Metrics

Run = Callable[[], Coroutine[None, None, None]]

SWITCH_SECONDS = 1.0
"""So long a start waits to learn where the kill switch stands."""

CLOSE_SECONDS = 5.0
"""So long each part may take to write what it has, at the end."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

log = logging.getLogger(__name__)


class ShopperParts:
    """`stage` and `recorder` for searches, `edges` for events; `open`, then `runs`, at last `close`."""

    def __init__(self, settings: SidecarSettings, profiles: Mapping[str, Profile], metrics: Metrics) -> None:
        """Reaches no server; makes the secret for keys where there is none. To be called inside the event
        loop that will run it. Raises ConfigurationError."""
        self._settings = settings
        self._metrics = metrics
        self._section = _section(settings.profiles.default, profiles)
        required = settings.privacy.consent == "required"
        self.keys = keys = load_keys(settings.privacy, settings.state_folder)
        self._store = MeasuredStore(open_store(settings.store, settings.state_folder), metrics.registry)
        self._profiles = self._made_profiles(personal := PersonalizationMetrics(metrics.registry))
        try:
            served_log = open_served_log(settings.served, settings.state_folder)
        except (ServedLogUnavailable, ClusterError) as error:
            raise ConfigurationError(f"`served`: {error}") from error
        self._writer = ServedWriter(served_log, settings.served, ServedMetrics(metrics.registry))
        self._journal = Journal(settings.events.journal, settings.state_folder, settings.events.max_waiting)
        event_metrics = EventMetrics(metrics.registry)
        event_metrics.watch_journal(lambda: self._journal.behind, lambda: self._journal.size)
        self._intake = Intake(settings.events, self._journal, keys, event_metrics, consent_required=required)
        self._switch = Switch(self._store)
        self._shared = FeedbackKnowledge(keys)
        self._feedback: Feedback | None = None
        self._closed = False
        self.edges = event_edges(self._intake)
        self.stage = PersonalizationStage(
            self._profiles,
            keys,
            personal,
            patience=settings.store.timeout_ms / 1000,
            consent_required=required,
            switched_on=lambda: self._switch.enabled,
            shared=self._shared,
        )
        self.recorder = Recorder(self._writer.add, keys, consent_required=required)

    def _made_profiles(self, metrics: PersonalizationMetrics) -> Profiles:
        privacy = self._settings.privacy
        return Profiles(
            self._store,
            ttl=privacy.profile_days * DAY,
            forgotten_ttl=privacy.forgotten_days * DAY,
            clock_skew=privacy.clock_skew_seconds,
            count_unreadable=lambda what: metrics.unreadable.labels(what).inc(),
            merge=lambda user, client, now: merged(user, client, now, self._section),
        )

    async def open(self) -> None:
        """Before the edges take anything in. Raises OSError where accepted events could not be kept."""
        try:
            self._journal.open()
        except JournalUnavailable as error:
            raise OSError(str(error)) from error
        settings = self._settings
        self._feedback = assemble(
            self._journal,
            self._profiles,
            self._store,
            self._writer,
            self._section,
            settings.engagement,
            settings.online_blend,
            self._metrics.registry,
        )
        self._shared.feedback = self._feedback
        with suppress(StoreUnavailable, TimeoutError):
            async with asyncio.timeout(SWITCH_SECONDS):
                await self._switch.refresh()

    def runs(self) -> list[Run]:
        """What runs beside the edges; after `open`. None of them ends, whatever happens to it."""
        feedback = self._feedback
        if feedback is None:
            raise RuntimeError("open() comes first")
        runs: dict[str, Run] = {
            "applying events": feedback.applier.run,
            "reading engagement": feedback.figures.run,
            "reading the online blend": feedback.blend.run,
            "writing served lists": self._writer.run,
            "following the switch": self._switch.run,
        }
        follow = self._settings.events.follow
        if follow.enabled:
            client = connect(follow.url, timeout=10)
            runs["following UBI"] = UbiFollower(follow, client, self._intake).run
        return [_supervised(what, run) for what, run in runs.items()]

    async def close(self) -> None:
        """After the edges and the runs have ended: writes what is under way. Also without `open`, and a
        second time."""
        if self._closed:
            return
        self._closed = True
        applied = [self._feedback.applier.close] if self._feedback is not None else []
        parts = (self._writer.close, self._profiles.close, self._store.close, self._journal.close)
        for close in (*applied, *parts):
            try:
                async with asyncio.timeout(CLOSE_SECONDS):
                    await close()
            except Exception:
                # What was accepted is in the journal, and is applied after the next start.
                log.exception("closing failed")


def _section(default: str, profiles: Mapping[str, Profile]) -> Personalization:
    """What events are learned by: the default profile's section, else the first, else the defaults."""
    ordered: Sequence[Profile] = [profiles[default], *profiles.values()]
    return next((found.personalization for found in ordered if found.personalization), Personalization())


def _supervised(what: str, run: Run) -> Run:
    """Starts it again when it fails: searches, health and the other parts go on."""

    async def supervised() -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await run()
            except Exception:
                log.exception("%s failed; again in %.0f s", what, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    return supervised
