"""Keeps what was served off the request path, and readable at once."""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice

from sidecar.config.served import Served
from sidecar.served.codec import UnreadableList
from sidecar.served.cut import cut
from sidecar.served.log import SECONDS_A_DAY, Outcome, ServedLog, ServedLogUnavailable
from sidecar.served.metrics import ServedMetrics
from sidecar.served.packed import PackedList
from sidecar.served.recent import RecentLists
from sidecar.taste.served_list import ServedList

log = logging.getLogger(__name__)

MIB = 1024 * 1024
SLICE = 0.001
"""Seconds of packing before the event loop gets its turn: searches share it."""

MOST_FRESH = 4096
BATCH = 200
OPENED = 256
MOST_OUTCOMES = 100_000
MOST_READ_SECONDS = 0.5
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
SECONDS_BETWEEN_EXPIRIES = 3600.0


class ServedWriter:
    """Between the searches, which never wait, and the log, which may.

    For one event loop. A list is found by `get` from the moment of `add`; it is packed within milliseconds
    and written within `flush_ms`. While the log is away lists wait, up to `buffer_mib`; then the newest are
    dropped and counted.
    """

    def __init__(
        self,
        log: ServedLog,
        settings: Served,
        metrics: ServedMetrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.log = log
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._recent = RecentLists(settings.recent_mib * MIB)
        self._fresh: OrderedDict[bytes, ServedList] = OrderedDict()
        self._waiting: deque[PackedList] = deque()
        self._waiting_bytes = 0
        self._opened: OrderedDict[bytes, tuple[PackedList, ServedList]] = OrderedDict()
        self._outcomes: deque[Outcome] = deque()
        self._left_alone_until, self._rest = 0.0, FIRST_PAUSE
        self._retry_at, self._pause = 0.0, FIRST_PAUSE
        self._writing = asyncio.Lock()
        self._added = asyncio.Event()

    def add(self, served: ServedList) -> None:
        """Takes a list; never blocks. What does not fit is dropped and counted."""
        before = self._fresh.get(served.query)
        if before is not None:
            self._pack(before)
        elif len(self._fresh) >= MOST_FRESH:
            self._metrics.dropped.labels("too_fast").inc()
            return
        self._fresh[served.query] = cut(served, self._settings.hits)
        self._added.set()

    async def get(self, queries: Sequence[bytes]) -> list[ServedList | None]:
        """Each query's list, from memory or from the log. Raises ServedLogUnavailable.

        Lists that cannot be read count as none.
        """
        found = [self.recent(query) for query in queries]
        missing = [query for query, served in zip(queries, found, strict=True) if served is None and query]
        if not missing:
            return found
        kept = dict(zip(missing, await self.log.get(missing), strict=True))
        return [
            served if served is not None else self._open(kept.get(query))
            for query, served in zip(queries, found, strict=True)
        ]

    def recent(self, query: bytes) -> ServedList | None:
        """The query's list where memory has it."""
        fresh = self._fresh.get(query)
        if fresh is not None and self._recent.get(query) is None:
            return fresh
        if fresh is not None:
            self._pack(fresh)  # one more page: joined with the others
        packed = self._recent.get(query)
        if packed is None:
            return None
        known = self._opened.get(query)
        if known is not None and known[0] is packed:
            return known[1]
        served = self._open(packed)
        if served is not None:
            self._opened[query] = (packed, served)
            if len(self._opened) > OPENED:
                self._opened.popitem(last=False)
        return served

    async def find(self, queries: Sequence[bytes]) -> list[ServedList | None]:
        """As `get`, in time: where the log is slow or away, what memory has."""
        recent = [self.recent(query) for query in queries]
        if None not in recent or time.monotonic() < self._left_alone_until:
            return recent
        try:
            async with asyncio.timeout(MOST_READ_SECONDS):
                found = await self.get(queries)
            self._rest = FIRST_PAUSE
        except (ServedLogUnavailable, TimeoutError):
            self._metrics.unavailable.inc()
            self._left_alone_until = time.monotonic() + self._rest
            self._rest = min(self._rest * 2, LONGEST_PAUSE)
            return recent
        return found

    def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Takes outcomes; never blocks. They are written after the lists that they are of."""
        self._outcomes.extend(outcomes)

    async def flush_outcomes(self) -> bool:
        """Whether all outcomes taken so far are written, or so many wait that they were given up."""
        upto = len(self._outcomes)
        if not upto:
            return True
        try:
            await self.flush()
        except ServedLogUnavailable:
            self._metrics.unavailable.inc()
            if upto <= MOST_OUTCOMES:
                return False
            self._metrics.outcomes_dropped.inc(len(self._outcomes))
            self._outcomes.clear()
        return True

    def forget(self, shoppers: Sequence[bytes]) -> None:
        """Drops what waits or is remembered of a shopper."""
        wanted = {shopper for shopper in shoppers if shopper}
        for query in [query for query, served in self._fresh.items() if served.shopper in wanted]:
            del self._fresh[query]
        kept = deque(one for one in self._waiting if one.shopper not in wanted)
        self._waiting, self._waiting_bytes = kept, sum(one.bytes for one in kept)
        self._recent.forget(wanted)
        self._outcomes = deque(one for one in self._outcomes if wanted.isdisjoint((one.client, one.user)))
        self._opened.clear()

    async def flush(self) -> None:
        """Writes what waits. Raises ServedLogUnavailable; what was not written waits on."""
        if time.monotonic() < self._retry_at:
            raise ServedLogUnavailable("the served log did not answer lately and is left alone for a moment")
        try:
            await self._flush()
            self._pause = FIRST_PAUSE
        except ServedLogUnavailable:
            self._retry_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            raise

    async def _flush(self) -> None:
        async with self._writing:
            await self._pack_all()
            while self._waiting:
                batch = list(self._waiting)[:BATCH]
                await self.log.add(batch)
                written = set(map(id, batch))
                self._metrics.written.inc(len(batch))
                while self._waiting and id(self._waiting[0]) in written:
                    self._waiting_bytes -= self._waiting.popleft().bytes
                self._metrics.waiting.set(len(self._waiting))
                await self._pack_all()
            while self._outcomes:
                told = list(islice(self._outcomes, BATCH))
                await self.log.add_outcomes(told)
                written = set(map(id, told))
                while self._outcomes and id(self._outcomes[0]) in written:
                    self._outcomes.popleft()

    async def run(self) -> None:
        """Writes batch after batch and removes what has expired; for ever, as a task."""
        told, next_expiry = False, 0.0
        while True:
            await self._wait()
            try:
                await self.flush()
                if time.monotonic() >= next_expiry:
                    await self.expire()
                    next_expiry = time.monotonic() + SECONDS_BETWEEN_EXPIRIES
                told = False
            except ServedLogUnavailable as error:
                self._metrics.unavailable.inc()
                if not told:
                    log.warning("served lists wait: %s", error)
                told = True
                await self._pack_for(max(FIRST_PAUSE, self._retry_at - time.monotonic()))
            except Exception:
                log.exception("writing served lists failed")
                await asyncio.sleep(FIRST_PAUSE)

    async def expire(self) -> None:
        """Removes what is older than `days`. Raises ServedLogUnavailable."""
        removed = await self.log.expire(self._clock() - self._settings.days * SECONDS_A_DAY)
        self._metrics.expired.inc(removed)

    async def close(self) -> None:
        """Writes what waits, once, and closes the log."""
        try:
            await self._flush()
        except ServedLogUnavailable as error:
            self._metrics.dropped.labels("log_unavailable").inc(len(self._waiting))
            log.warning("%s served lists are lost: %s", len(self._waiting), error)
        await self.log.close()

    async def _wait(self) -> None:
        """Returns `flush_ms` after the first list, or now and then."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._added.wait(), SECONDS_BETWEEN_EXPIRIES / 4)
        self._added.clear()
        await self._pack_all()
        await self._pack_for(self._settings.flush_ms / 1000)

    async def _pack_for(self, seconds: float) -> None:
        """Packs what comes, without writing: what waits unpacked takes three times the memory."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._added.wait(), left)
            self._added.clear()
            await self._pack_all()
            await asyncio.sleep(min(0.05, max(0.0, until - time.monotonic())))

    async def _pack_all(self) -> None:
        started = time.perf_counter()
        while self._fresh:
            self._pack(next(iter(self._fresh.values())))
            if time.perf_counter() - started > SLICE:
                await asyncio.sleep(0)
                started = time.perf_counter()

    def _pack(self, served: ServedList) -> None:
        """From the fresh ones to the recent ones, and to those that wait for the log."""
        self._fresh.pop(served.query, None)
        packed = self._recent.add(PackedList.of(served))
        self._metrics.recent_bytes.set(self._recent.bytes)
        if not self._is_sampled(served.query):
            return
        if self._waiting_bytes + packed.bytes > self._settings.buffer_mib * MIB:
            self._metrics.dropped.labels("buffer_full").inc()
            return
        self._waiting.append(packed)
        self._waiting_bytes += packed.bytes
        self._metrics.waiting.set(len(self._waiting))

    def _is_sampled(self, query: bytes) -> bool:
        """By the query, so that all pages of a search share its fate."""
        return int.from_bytes(query[:4], "big") < self._settings.sample * 2**32

    def _open(self, packed: PackedList | None) -> ServedList | None:
        if packed is None:
            return None
        try:
            return packed.opened()
        except UnreadableList:
            self._metrics.unreadable.inc()
            return None
