"""What waits for the log: bounded, written in order, tried again while the log is away."""

import asyncio
import time
from collections import deque
from collections.abc import Collection, Sequence
from itertools import islice

from sidecar.served.log import Outcome, ServedLog, ServedLogUnavailable
from sidecar.served.metrics import ServedMetrics
from sidecar.served.packed import PackedList

BATCH = 200
MOST_OUTCOMES = 100_000
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0


class LogBuffer:
    """Lists, up to `max_bytes`, then the newest are dropped and counted; outcomes after their lists."""

    def __init__(self, log: ServedLog, max_bytes: int, metrics: ServedMetrics) -> None:
        self._log = log
        self._max_bytes = max_bytes
        self._metrics = metrics
        self._lists: deque[PackedList] = deque()
        self._bytes = 0
        self._outcomes: deque[Outcome] = deque()
        self._writing = asyncio.Lock()
        self._pause = FIRST_PAUSE
        self.retry_at = 0.0
        """When the log is tried again, on the monotonic clock."""

    @property
    def lists(self) -> int:
        """How many lists wait."""
        return len(self._lists)

    @property
    def outcomes(self) -> int:
        """How many outcomes wait."""
        return len(self._outcomes)

    def add(self, packed: PackedList) -> None:
        """Takes a list, or drops and counts it."""
        if self._bytes + packed.bytes > self._max_bytes:
            self._metrics.dropped.labels("buffer_full").inc()
            return
        self._lists.append(packed)
        self._bytes += packed.bytes
        self._metrics.waiting.set(len(self._lists))

    def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Takes outcomes; whoever brings them keeps them bounded, see `give_up_outcomes`."""
        self._outcomes.extend(outcomes)

    def give_up_outcomes(self) -> bool:
        """Drops and counts outcomes where too many wait; whether it did."""
        if len(self._outcomes) <= MOST_OUTCOMES:
            return False
        self._metrics.outcomes_dropped.inc(len(self._outcomes))
        self._outcomes.clear()
        return True

    async def write(self, *, at_once: bool = False) -> None:
        """Writes all that waits. Raises ServedLogUnavailable; what was not written waits on.

        A log that did not answer is left alone for a moment, unless `at_once`.
        """
        if not at_once and time.monotonic() < self.retry_at:
            raise ServedLogUnavailable("the served log did not answer lately and is left alone for a moment")
        try:
            async with self._writing:
                while self._lists:
                    await self._write_lists(list(islice(self._lists, BATCH)))
                while self._outcomes:
                    await self._write_outcomes(list(islice(self._outcomes, BATCH)))
            self._pause = FIRST_PAUSE
        except ServedLogUnavailable:
            self._metrics.unavailable.inc()
            self.retry_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            raise

    def forget(self, shoppers: Collection[bytes]) -> None:
        """Drops what waits of these shoppers."""
        self._lists = deque(one for one in self._lists if one.shopper not in shoppers)
        self._bytes = sum(one.bytes for one in self._lists)
        self._outcomes = deque(
            one for one in self._outcomes if one.client not in shoppers and one.user not in shoppers
        )

    # Some may have been dropped while the log was writing: only what was written is taken away.

    async def _write_lists(self, batch: list[PackedList]) -> None:
        await self._log.add(batch)
        self._metrics.written.inc(len(batch))
        written = set(map(id, batch))
        while self._lists and id(self._lists[0]) in written:
            self._bytes -= self._lists.popleft().bytes
        self._metrics.waiting.set(len(self._lists))

    async def _write_outcomes(self, batch: list[Outcome]) -> None:
        await self._log.add_outcomes(batch)
        written = set(map(id, batch))
        while self._outcomes and id(self._outcomes[0]) in written:
            self._outcomes.popleft()
