"""The way of events in: checked events are filtered, keyed, and written to the journal."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sidecar.config.events import EventSettings
from sidecar.domain.event import Event, KeyedEvent
from sidecar.feedback.ignoring import Filter, Reason
from sidecar.feedback.journal import Accepted, Journal
from sidecar.feedback.keyed import EventKeys, keyed
from sidecar.feedback.told import Told, Wrong
from sidecar.feedback.validation import Validation
from sidecar.telemetry.event_metrics import EventMetrics

SLICE_SECONDS = 0.001
"""So long a search may have to wait for events that are being read."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that was not taken: its place among those sent, from 0, the field, and why."""

    index: int
    field: str
    reason: str


@dataclass(slots=True)
class Receipt:
    """What became of the events of one delivery. They add up to what was sent."""

    accepted: int = 0
    repeated: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)


class Pace:
    """Lets the event loop's other tasks run when a slice of work is over."""

    def __init__(self) -> None:
        self._began = time.perf_counter()

    async def breathe(self) -> None:
        """To be awaited between two events."""
        if time.perf_counter() - self._began > SLICE_SECONDS:
            await asyncio.sleep(0)
            self._began = time.perf_counter()


class Intake:
    """What all roads share. `take` returns when what it accepted is on disk."""

    def __init__(
        self,
        settings: EventSettings,
        journal: Journal,
        keys: EventKeys,
        metrics: EventMetrics,
        *,
        consent_required: bool = False,
    ) -> None:
        self.settings = settings
        self.journal = journal
        self.metrics = metrics
        self.filter = Filter(settings.ignored)
        self._validation = Validation(settings)
        self._keys = keys
        self._consent_required = consent_required

    async def take(
        self,
        told: Sequence[Told | Refused],
        source: str,
        *,
        internal: bool = False,
        positions: Mapping[str, int] | None = None,
    ) -> Receipt:
        """What became of events. `source` is the road, one word, for the metrics.

        Refusals that the reader of the road found are part of the receipt. `internal`: all come from the
        shop's own people. `positions` of a follower are written with the events. Raises JournalFull and
        JournalUnavailable; then nothing was taken.
        """
        receipt, events, kept = Receipt(), [], []
        now, pace = time.time(), Pace()
        for index, one in enumerate(told):
            await pace.breathe()
            event = self._checked(one, index, now, receipt)
            if event is None:
                continue
            reason = Reason.INTERNAL if internal else self.filter.reason(event)
            if reason is None and not self.filter.rate.take(event):
                reason = Reason.TOO_MANY
            if reason is not None:
                receipt.ignored[reason.value] += 1
                continue
            events.append(event)
            kept.append(keyed(event, self._keys, consent_required=self._consent_required, now=now))
        await self._append(events, kept, receipt, positions)
        self._count(receipt, source)
        return receipt

    def _checked(self, one: Told | Refused, index: int, now: float, receipt: Receipt) -> Event | None:
        if isinstance(one, Refused):
            receipt.refused.append(one)
            return None
        try:
            return self._validation.event_of(one, now)
        except Wrong as wrong:
            receipt.refused.append(Refused(index, wrong.field, wrong.reason))
            return None

    async def _append(
        self,
        events: Sequence[Event],
        kept: Sequence[KeyedEvent],
        receipt: Receipt,
        positions: Mapping[str, int] | None,
    ) -> None:
        if not kept and not positions:
            return
        try:
            outcomes = await self.journal.append(kept, positions)
        except BaseException:
            for event in events:
                self.filter.rate.give_back(event)
            raise
        pace = Pace()
        for event, outcome in zip(events, outcomes, strict=True):
            await pace.breathe()
            if isinstance(outcome, Accepted):
                receipt.accepted += 1
            else:
                receipt.repeated += 1
                self.filter.rate.give_back(event)

    def _count(self, receipt: Receipt, source: str) -> None:
        counted = {
            "accepted": receipt.accepted,
            "repeated": receipt.repeated,
            "refused": len(receipt.refused),
            **receipt.ignored,
        }
        for outcome, count in counted.items():
            if count:
                self.metrics.events.labels(source, outcome).inc(count)
        for refused in receipt.refused:
            self.metrics.refused.labels(source, refused.field or "event").inc()
