"""What events say of the items, whoever the shopper: figures of engagement, and the online blend."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.domain.event import KeyedEvent
from sidecar.feedback.attribution import Attribution
from sidecar.feedback.blend_learner import BlendLearner
from sidecar.feedback.counts import Taken
from sidecar.feedback.engagement import EngagementCounts
from sidecar.feedback.metrics import ApplierMetrics
from sidecar.feedback.pages import Pages
from sidecar.profiles.change import Change
from sidecar.profiles.store import RecordStore
from sidecar.served.writer import ServedWriter
from sidecar.taste.state import OpenPage

SLICE = 0.001
"""Seconds of computing before the event loop gets its turn: searches share it."""


@dataclass(frozen=True, slots=True)
class Collected:
    """Effects on their way to the store."""

    counts: Taken | None
    blend: Sequence[Change]


class SharedEffects:
    """Collects them entry by entry; written by checkpoints, exactly once by the entries' numbers."""

    def __init__(
        self,
        served: ServedWriter,
        counts: EngagementCounts,
        blend: BlendLearner | None,
        metrics: ApplierMetrics,
    ) -> None:
        settings = counts.settings
        self._served = served
        self._counts = counts if settings.enabled else None
        self._blend = blend
        self._metrics = metrics
        self._pages = Pages(settings.page_close_seconds)
        self.flush_seconds = settings.flush_ms / 1000
        self.ttl = settings.keep_days * 86_400

    def __len__(self) -> int:
        """How much waits to be written."""
        return sum(len(part) for part in (self._counts, self._blend) if part is not None)

    async def begin(self, store: RecordStore, tried: int) -> None:
        """Forgets what was not written and reads what learning goes on from; the journal is read again.

        The effects of entries up to `tried` may have been written before. Raises StoreUnavailable.
        """
        self._pages.clear()
        if self._counts is not None:
            self._counts.begin(tried)
        if self._blend is not None:
            self._blend.begin(tried)
            await self._blend.write(store, [])

    async def observe(self, entries: Sequence[tuple[int, KeyedEvent]], found: Sequence[Attribution]) -> None:
        """Takes entries in their order, with where they belong."""
        closed: list[tuple[int, OpenPage]] = []
        for (seq, event), belongs in zip(entries, found, strict=True):
            closed.extend((seq, page) for page in self._pages.due(event))
            if belongs.why:
                continue
            is_new = self._pages.observe(event, belongs.place, belongs.seen)
            if self._counts is not None:
                self._counts.event(seq, event, belongs, is_new)
        if closed:
            await self._close(closed)

    def take(self, writer: int) -> "Collected":
        """What has been collected. Between batches only: all of an entry belongs together."""
        return Collected(
            self._counts.take() if self._counts is not None else None,
            self._blend.take(writer) if self._blend is not None else [],
        )

    async def write(self, store: RecordStore, collected: "Collected", writer: int) -> None:
        """Writes what was taken. Raises StoreUnavailable: then `begin` again."""
        if self._counts is not None and collected.counts is not None:
            await self._counts.write(store, collected.counts, writer)
        if self._blend is not None:
            await self._blend.write(store, collected.blend)

    async def _close(self, closed: Sequence[tuple[int, OpenPage]]) -> None:
        lists = await self._served.find([page.query for _, page in closed])
        pause_at = time.monotonic() + SLICE
        for (seq, page), served in zip(closed, lists, strict=True):
            if time.monotonic() > pause_at:
                await asyncio.sleep(0)
                pause_at = time.monotonic() + SLICE
            if served is None:
                continue
            self._metrics.pages.inc()
            if self._counts is not None:
                self._counts.page(seq, served, page)
            if self._blend is not None:
                self._blend.page(seq, served, page)
