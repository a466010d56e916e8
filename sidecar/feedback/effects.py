"""What events say of the items, whoever the shopper: figures of engagement, and the online blend."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sidecar.domain.event import KeyedEvent
from sidecar.feedback.attribution import Attribution
from sidecar.feedback.blend_learner import BlendLearner
from sidecar.feedback.counts import Counts
from sidecar.feedback.engagement import EngagementCounts
from sidecar.feedback.metrics import ApplierMetrics
from sidecar.feedback.pages import Pages
from sidecar.profiles.store import RecordStore
from sidecar.served.writer import ServedWriter
from sidecar.taste.state import OpenPage

log = logging.getLogger(__name__)

PAGES = 20
"""Lists that are unpacked at once."""


@dataclass(frozen=True, slots=True)
class Collected:
    """Effects on their way to the store: what events add, and the pages that have closed, by entry."""

    counts: Counts | None
    closed: Sequence[tuple[int, OpenPage]]


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
        self._pages = Pages(settings.page_close_seconds, settings.return_seconds)
        self._closed: list[tuple[int, OpenPage]] = []
        self.flush_seconds = settings.flush_ms / 1000
        self.ttl = settings.keep_days * 86_400

    def __len__(self) -> int:
        """How much waits to be written."""
        return len(self._closed) + (len(self._counts) if self._counts is not None else 0)

    async def begin(self, store: RecordStore, tried: int) -> None:
        """Forgets what was not written and reads what learning goes on from; the journal is read again.

        The effects of entries up to `tried` may have been written before. Raises StoreUnavailable.
        """
        self._pages.clear()
        self._closed.clear()
        if self._counts is not None:
            self._counts.begin(tried)
        if self._blend is not None:
            self._blend.begin(tried)
            await self._blend.write(store, [])

    def observe(self, entries: Sequence[tuple[int, KeyedEvent]], found: Sequence[Attribution]) -> None:
        """Takes entries in their order, with where they belong."""
        for (seq, event), belongs in zip(entries, found, strict=True):
            self._closed.extend((seq, page) for page in self._pages.due(event))
            if not belongs.why:
                with self._passed_over(seq):
                    is_new = self._pages.observe(event, belongs.place, belongs.seen)
                    back_from = self._pages.back_from(event, belongs.place)
                    if self._counts is not None:
                        self._counts.event(seq, event, belongs, is_new)
                        if back_from is not None:
                            self._counts.returned(seq, event, belongs, back_from)

    def take(self) -> Collected:
        """What has been collected. Between batches only: all of an entry belongs together."""
        closed, self._closed = self._closed, []
        return Collected(self._counts.take() if self._counts is not None else None, closed)

    async def write(self, store: RecordStore, collected: Collected, writer: int) -> None:
        """Counts closed pages and writes what was taken. Raises StoreUnavailable: then `begin` again."""
        for start in range(0, len(collected.closed), PAGES):
            await self._close(collected.closed[start : start + PAGES], collected.counts)
        if self._counts is not None and collected.counts is not None:
            await self._counts.write(store, collected.counts, writer)
        if self._blend is not None:
            await self._blend.write(store, self._blend.take(writer))

    async def _close(self, closed: Sequence[tuple[int, OpenPage]], counts: Counts | None) -> None:
        lists = await self._served.find([page.query for _, page in closed])
        for (seq, page), served in zip(closed, lists, strict=True):
            # Two thirds of a millisecond each: searches and the next events have their turn in between.
            await asyncio.sleep(0)
            if served is None:
                continue
            self._metrics.pages.inc()
            with self._passed_over(seq):
                if self._counts is not None and counts is not None:
                    self._counts.page(counts, seq, served, page)
            with self._passed_over(seq):
                if self._blend is not None:
                    self._blend.page(seq, served, page)

    @contextmanager
    def _passed_over(self, seq: int) -> Iterator[None]:
        """What fails is counted and left out: the next entries must go on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001
            # Its message may hold what a shopper did: only the kind of error is told.
            self._metrics.set_aside.inc()
            log.error("journal entry %s: counting for all failed: %s", seq, type(error).__name__)
