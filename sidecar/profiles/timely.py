"""Reads that end at a deadline, whatever the store does."""

import asyncio
import time
from collections.abc import Sequence

from sidecar.domain.deadline import Deadline
from sidecar.profiles.breaker import Breaker
from sidecar.profiles.store import RecordStore, Stored, StoreUnavailable

MOST_LATE = 64
STEPS = 3
LOOP_LAG_SECONDS = 0.02
"""An event loop that wakes us later than this was busy: the store is not blamed."""


class TimelyReads:
    """Reads a store for searches: in time, or not at all."""

    def __init__(self, store: RecordStore, breaker: Breaker | None = None) -> None:
        self._store = store
        self._breaker = breaker or Breaker()
        self._late = 0

    async def get(self, keys: Sequence[bytes], deadline: Deadline) -> list[Stored | None]:
        """The records, if the store answers until the deadline. Raises StoreUnavailable then, and at once
        while the store keeps missing it."""
        if self._late >= MOST_LATE or not self._breaker.allows():
            raise StoreUnavailable("the store did not answer in time lately and is left alone for a moment")
        reading = asyncio.ensure_future(self._store.get(keys))
        await asyncio.wait([reading], timeout=deadline.remaining())
        for _ in range(STEPS):
            # Where it was the event loop that was late, the answer is there, a step or two away.
            if not reading.done():
                await asyncio.sleep(0)
        if not reading.done():
            # Not cancelled: that would cost the store's connection. Its own time-out ends it.
            if time.monotonic() - deadline.at < LOOP_LAG_SECONDS:
                self._breaker.failed()
            self._late += 1
            reading.add_done_callback(self._came_late)
            raise StoreUnavailable("the store did not answer in time")
        try:
            found = reading.result()
        except StoreUnavailable:
            self._breaker.failed()
            raise
        self._breaker.worked()
        return found

    def _came_late(self, reading: "asyncio.Future[list[Stored | None]]") -> None:
        self._late -= 1
        if not reading.cancelled():
            reading.exception()  # else asyncio logs that nobody asked
