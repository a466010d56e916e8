"""The part of the composition that knows layout rules: their store, what is live of it, the stage."""

from collections.abc import Callable, Coroutine, Mapping

from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile
from sidecar.config.sidecar import SidecarSettings
from sidecar.opensearch.errors import ClusterError
from sidecar.opensearch.rules_opening import open_releases
from sidecar.profiles.keying import Keys
from sidecar.ranking.layout.compiled import CompiledRules, compile_rules
from sidecar.ranking.layout.live import LiveRules
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.release_metrics import ReleaseMetrics
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.rules.last_good import LastGood
from sidecar.telemetry.metrics import Metrics

Run = Callable[[], Coroutine[None, None, None]]


class LayoutParts:
    """`stage` for searches (None where the settings want no rules); `open`, then `runs`, at last `close`."""

    def __init__(
        self, settings: SidecarSettings, profiles: Mapping[str, Profile], keys: Keys, metrics: Metrics
    ) -> None:
        """Reaches no server. Raises ConfigurationError."""
        self.stage: LayoutStage | None = None
        self._live: LiveRules[CompiledRules] | None = None
        try:
            store = open_releases(settings.rules, settings.state_folder)
        except ClusterError as error:
            raise ConfigurationError(f"`rules.opensearch.url`: {error}") from error
        if store is None:
            return
        self._live = live = LiveRules(
            store,
            compile_rules,
            LastGood(settings.state_folder),
            ReleaseMetrics(metrics.registry),
            settings.rules.poll_ms / 1000,
        )
        self.stage = LayoutStage(
            lambda: live.current,
            LayoutMetrics(metrics.registry),
            settings.rules,
            keys,
            profiles=profiles,
            consent_required=settings.privacy.consent == "required",
        )

    def told(self) -> dict[str, str]:
        """For health checks, which anybody may ask: the version in use, and whether it is the newest."""
        if self._live is None:
            return {}
        release = self._live.release
        behind = {"rules_behind": "the newest version is not in use; the log says why"}
        return {"rules": release.name if release is not None else "", **(behind if self._live.why else {})}

    async def open(self) -> None:
        """Before the first search. A store that is away is not waited for long."""
        if self._live is not None:
            await self._live.open()

    def runs(self) -> list[Run]:
        """What runs beside the edges."""
        return [self._live.run] if self._live is not None else []

    async def close(self) -> None:
        """Also without `open`, and a second time."""
        if self._live is not None:
            live, self._live = self._live, None
            await live.close()
