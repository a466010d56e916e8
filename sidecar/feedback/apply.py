"""The whole event after it was accepted, told by `Applier.apply_batch`."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from sidecar.config.personalization import Personalization
from sidecar.domain.event import EventKind, KeyedEvent
from sidecar.feedback.attribution import Attributor, outcome_of
from sidecar.feedback.effects import Collected, SharedEffects
from sidecar.feedback.journal import Journal
from sidecar.feedback.metrics import ApplierMetrics, count_words
from sidecar.feedback.profile_changes import ProfileChanges
from sidecar.feedback.shoppers import Shoppers, shopper_of
from sidecar.feedback.watermark import Watermark
from sidecar.profiles.change import Outcome
from sidecar.profiles.profiles import Profiles
from sidecar.profiles.store import RecordStore, StoreUnavailable
from sidecar.served.writer import ServedWriter
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import Taste
from sidecar.taste.update import Effect, Learned, update

log = logging.getLogger(__name__)

Entry = tuple[int, KeyedEvent]

KEPT = frozenset((EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE))
"""What the served log keeps. Impressions are as many as hits, and the list says what was on a page."""

BATCH = 256
REWIND = 20_000
"""Entries before the store's word that are read again after it was away: servers of one store may have lost
more than the one that keeps the watermark."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
IDLE_SECONDS = 1.0


class Applier:
    """Reads the journal in order and lets each event do its work, exactly once.

    Exactly once: every record carries marks of the entries that it has taken in, entries stay in the journal
    for a while after they were applied, and a store that has lost writes is found out by its watermark and
    given the entries again. An entry that fails is counted and passed over.
    """

    def __init__(
        self,
        journal: Journal,
        profiles: Profiles,
        store: RecordStore,
        served: ServedWriter,
        shared: SharedEffects,
        settings: Personalization,
        metrics: ApplierMetrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`store` is the one that `profiles` are in. The journal is open."""
        self._journal = journal
        self._profiles = profiles
        self._served = served
        self._shared = shared
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._shoppers = Shoppers(profiles)
        self._attributor = Attributor()
        self._watermark = Watermark(store, journal.writer, shared.ttl)
        self._store = store
        self._checkpointing: asyncio.Task[None] | None = None
        self._next_checkpoint = 0.0
        self._reached = journal.last
        self._tried = journal.last
        self.position = -1
        """The last entry whose effects on profiles are written; -1 before the first look at the store."""

    async def run(self) -> None:
        """Applies what the journal has and gets; for ever, as a task."""
        pause = FIRST_PAUSE
        while True:
            try:
                if self.position < 0:
                    await self.rewind("start")
                if await self.step(IDLE_SECONDS):
                    pause = FIRST_PAUSE
            except StoreUnavailable as error:
                self._metrics.waits.inc()
                if pause == FIRST_PAUSE:
                    log.warning("events wait: %s", error)
                await self._drop_checkpoint()
                self.position = -1
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                log.exception("applying events failed")
                await self._drop_checkpoint()
                self.position = -1
                await asyncio.sleep(LONGEST_PAUSE)

    async def step(self, idle: float = 0.0) -> int:
        """Applies one batch, waiting `idle` seconds for it; how many entries. Raises StoreUnavailable."""
        with suppress(TimeoutError):
            async with asyncio.timeout(idle):
                await self._journal.wait(self.position)
        entries = await self._journal.read(self.position, BATCH)
        if await self._watermark.has_lost():
            await self._drop_checkpoint()
            await self.rewind("store_lost_writes")
            return 0
        if entries:
            self._reached = entries[-1][0]
            await self.apply_batch(entries)
            self.position = entries[-1][0]
        self._metrics.behind.set(self._journal.last - self.position)
        await self._checkpoint_when_due()
        return len(entries)

    async def rewind(self, reason: str) -> None:
        """Goes back to where the store certainly has everything. Raises StoreUnavailable."""
        known = await self._watermark.read()
        self._watermark.written = known
        self._tried = max(self._tried, self._reached)
        await self._shared.begin(self._store, self._tried)
        self._shoppers.clear()
        self._metrics.replays.labels(reason).inc()
        self.position = max(self._journal.oldest, min(known, self._journal.cursor) - REWIND, 0)

    async def apply_batch(self, entries: Sequence[Entry]) -> None:
        """Lists, attribution, profiles, outcomes, and what the event says of the items."""
        started = time.perf_counter()
        events = [event for _, event in entries]
        await self._shoppers.link(events)
        lists = await self._lists(await self._shoppers.wanted_lists(events))
        found = [self._attributor.attribute(event, lists.get(event.query)) for event in events]
        count_words(self._metrics.attributed, (belongs.why or "hit" for belongs in found))
        outcomes = await self._change_profiles(entries, lists)
        self._metrics.lag.observe(time.perf_counter() - started)
        self._served.add_outcomes(
            [
                outcome_of(event, belongs)
                for event, belongs, outcome in zip(events, found, outcomes, strict=True)
                if not belongs.why and event.kind in KEPT and outcome is not Outcome.FORGOTTEN
            ]
        )
        self._shared.observe(entries, found)

    async def settle(self) -> None:
        """Applies all there is and writes everything; for replays and tests. Raises StoreUnavailable."""
        if self.position < 0:
            await self.rewind("start")
        while await self.step() or self.position < self._journal.last:
            pass
        await self._finish_checkpoint()
        await self._checkpoint(*self._collect())

    async def close(self) -> None:
        """Writes what is under way, as far as the stores answer. `run` has ended."""
        with suppress(StoreUnavailable):
            await self._finish_checkpoint()
            if self.position >= 0:
                await self._checkpoint(*self._collect())

    async def _lists(self, queries: Sequence[bytes]) -> dict[bytes, ServedList]:
        found = await self._served.find(queries)
        return {query: served for query, served in zip(queries, found, strict=True) if served is not None}

    async def _change_profiles(
        self, entries: Sequence[Entry], lists: Mapping[bytes, ServedList]
    ) -> list[Outcome]:
        """Each entry's outcome; APPLIED for events without a shopper."""
        changes = ProfileChanges(self._profiles, self._journal.writer, self._learn(lists))
        outcomes = await changes.apply(entries, self._tried)
        applied = [
            seq
            for (seq, _), outcome in zip(entries, outcomes, strict=True)
            if outcome is Outcome.APPLIED and seq in changes.learned
        ]
        count_words(
            self._metrics.applied,
            (
                str(outcome.value) if shopper_of(event) else "no_shopper"
                for (_, event), outcome in zip(entries, outcomes, strict=True)
            ),
        )
        count_words(self._metrics.effects, (str(changes.learned[seq].effect) for seq in applied))
        for (seq, event), outcome in zip(entries, outcomes, strict=True):
            if outcome is Outcome.FAILED:
                self._metrics.set_aside.inc()
                log.error("journal entry %s could not be applied and was set aside", seq)
            elif seq in changes.learned and outcome is Outcome.APPLIED:
                self._watermark.wrote(shopper_of(event), seq)
                self._tell(changes.learned[seq])
        return outcomes

    def _learn(self, lists: Mapping[bytes, ServedList]) -> Callable[[Taste, KeyedEvent], Learned]:
        def learn(taste: Taste, event: KeyedEvent) -> Learned:
            learned = update(taste, event, lists, self._settings, self._clock())
            self._shoppers.note(shopper_of(event), taste)
            return learned

        return learn

    def _tell(self, learned: Learned) -> None:
        if learned.effect is Effect.LEARNED:
            self._metrics.clicks_foretold.inc()
            self._metrics.evidence.inc(learned.evidence)
        if learned.outcomes:
            self._metrics.log_loss.labels("with_taste").inc(learned.log_loss)
            self._metrics.log_loss.labels("without_taste").inc(learned.log_loss_without)
            self._metrics.log_loss_hits.inc(learned.outcomes)

    async def _checkpoint_when_due(self) -> None:
        """Begins a checkpoint now and then, beside the next batches. Raises what the last one met."""
        if self._checkpointing is not None and self._checkpointing.done():
            task, self._checkpointing = self._checkpointing, None
            task.result()
        now = time.monotonic()
        if self._checkpointing is None and now >= self._next_checkpoint:
            self._next_checkpoint = now + self._shared.flush_seconds
            if self.position > self._journal.cursor or len(self._shared):
                self._checkpointing = asyncio.create_task(self._checkpoint(*self._collect()))

    def _collect(self) -> tuple[int, Collected]:
        """What a checkpoint writes: all up to the last entry of the last batch."""
        return self.position, self._shared.take()

    async def _checkpoint(self, seq: int, collected: Collected) -> None:
        """Writes what events up to `seq` say of items, then says that they are applied."""
        await self._shared.write(self._store, collected, self._journal.writer)
        if not await self._served.flush_outcomes():
            return  # the log is away: the entries stay, so that a crash does not cost their outcomes
        await self._watermark.write(max(seq, self._watermark.written))
        await self._journal.applied(seq)

    async def _finish_checkpoint(self) -> None:
        task, self._checkpointing = self._checkpointing, None
        if task is not None:
            await task

    async def _drop_checkpoint(self) -> None:
        if self._checkpointing is not None:
            self._checkpointing.cancel()
            await asyncio.gather(self._checkpointing, return_exceptions=True)
            self._checkpointing = None
