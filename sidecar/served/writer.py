"""Keeps what was served off the request path, and readable at once."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from sidecar.config.served import Served
from sidecar.served.buffer import FIRST_PAUSE, LONGEST_PAUSE, LogBuffer
from sidecar.served.cut import cut
from sidecar.served.log import SECONDS_A_DAY, Outcome, ServedLog, ServedLogUnavailable
from sidecar.served.metrics import ServedMetrics
from sidecar.served.table import ServedTable
from sidecar.taste.served_list import ServedList

log = logging.getLogger(__name__)

MIB = 2**20
SLICE = 0.001
"""Seconds of packing before the event loop gets its turn: searches share it."""

MOST_READ_SECONDS = 0.5
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
        self._table = ServedTable(settings.recent_mib * MIB, metrics)
        self._buffer = LogBuffer(log, settings.buffer_mib * MIB, metrics)
        self._left_alone_until, self._rest = 0.0, FIRST_PAUSE
        self._added = asyncio.Event()

    def add(self, served: ServedList) -> None:
        """Takes a list; never blocks. What does not fit is dropped and counted."""
        if self._table.add(cut(served, self._settings.hits)):
            self._added.set()
        else:
            self._metrics.dropped.labels("too_fast").inc()

    async def get(self, queries: Sequence[bytes]) -> list[ServedList | None]:
        """Each query's list, from memory or from the log. Raises ServedLogUnavailable.

        Lists that cannot be read count as none.
        """
        found = [self._table.find(query) for query in queries]
        missing = [query for query, served in zip(queries, found, strict=True) if served is None and query]
        if not missing:
            return found
        kept = dict(zip(missing, await self.log.get(missing), strict=True))
        return [
            served if served is not None else self._table.open(kept.get(query))
            for query, served in zip(queries, found, strict=True)
        ]

    async def find(self, queries: Sequence[bytes]) -> list[ServedList | None]:
        """As `get`, in time: where the log is slow or away, what memory has."""
        recent = [self._table.find(query) for query in queries]
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
        self._buffer.add_outcomes(outcomes)

    async def flush_outcomes(self) -> bool:
        """Whether all outcomes taken so far are written, or so many waited that they were given up."""
        if not self._buffer.outcomes:
            return True
        try:
            await self.flush()
        except ServedLogUnavailable:
            return self._buffer.give_up_outcomes()
        return True

    def forget(self, shoppers: Sequence[bytes]) -> None:
        """Drops what waits or is remembered of a shopper."""
        wanted = {shopper for shopper in shoppers if shopper}
        self._table.forget(wanted)
        self._buffer.forget(wanted)

    async def flush(self) -> None:
        """Writes what waits. Raises ServedLogUnavailable; what was not written waits on."""
        await self._pack_all()
        await self._buffer.write()

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
                if not told:
                    log.warning("served lists wait: %s", error)
                told = True
                await self._pack_for(max(FIRST_PAUSE, self._buffer.retry_at - time.monotonic()))
            except Exception:
                log.exception("writing served lists failed")
                await asyncio.sleep(FIRST_PAUSE)

    async def expire(self) -> None:
        """Removes what is older than `days`. Raises ServedLogUnavailable."""
        removed = await self.log.expire(self._clock() - self._settings.days * SECONDS_A_DAY)
        self._metrics.expired.inc(removed)

    async def close(self) -> None:
        """Writes what waits, once, and closes the log."""
        await self._pack_all()
        try:
            await self._buffer.write(at_once=True)
        except ServedLogUnavailable as error:
            self._metrics.dropped.labels("log_unavailable").inc(self._buffer.lists)
            log.warning("%s served lists are lost: %s", self._buffer.lists, error)
        await self.log.close()

    async def _wait(self) -> None:
        """Returns `flush_ms` after the first list, or now and then."""
        with suppress(TimeoutError):
            # wait_for would swallow a cancellation (Python 3.11).
            async with asyncio.timeout(SECONDS_BETWEEN_EXPIRIES / 4):
                await self._added.wait()
        self._added.clear()
        await self._pack_for(self._settings.flush_ms / 1000)

    async def _pack_for(self, seconds: float) -> None:
        """Packs what comes, without writing: what waits unpacked takes three times the memory."""
        until = time.monotonic() + seconds
        await self._pack_all()
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, 0.05))
            await self._pack_all()

    async def _pack_all(self) -> None:
        started = time.perf_counter()
        while self._table.pack_one():
            if time.perf_counter() - started > SLICE:
                await asyncio.sleep(0)
                started = time.perf_counter()
        packed, self._table.packed = self._table.packed, []
        for one in packed:
            if self._is_sampled(one.query):
                self._buffer.add(one)

    def _is_sampled(self, query: bytes) -> bool:
        """By the query, so that all pages of a search share its fate."""
        return int.from_bytes(query[:4], "big") < self._settings.sample * 2**32
