"""Reads that end at a deadline."""

import asyncio
import time

import pytest

from sidecar.domain.deadline import Deadline
from sidecar.profiles.memory_store import MemoryStore
from sidecar.profiles.store import StoreUnavailable
from sidecar.profiles.timely import MOST_LATE, TimelyReads


class InThread(MemoryStore):
    """Answers from a thread, as files do."""

    async def get(self, keys):
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.001)
        return await super().get(keys)


class Never(MemoryStore):
    asked = 0

    async def get(self, keys):
        self.asked += 1
        await asyncio.sleep(0.3)
        return await super().get(keys)


def block_the_loop() -> None:
    time.sleep(0.04)


async def test_an_event_loop_that_is_late_is_not_the_stores_fault() -> None:
    reads = TimelyReads(InThread())
    for _ in range(20):
        reading = asyncio.create_task(reads.get([b"k"], Deadline.after(0.004)))
        for _ in range(3):
            await asyncio.sleep(0)
        block_the_loop()
        assert await reading == [None]


async def test_reads_that_a_busy_loop_made_late_do_not_open_the_breaker() -> None:
    reads = TimelyReads(Never())
    for _ in range(8):
        reading = asyncio.create_task(reads.get([b"k"], Deadline.after(0.004)))
        await asyncio.sleep(0)
        block_the_loop()
        with pytest.raises(StoreUnavailable, match=r"in time$"):
            await reading


async def test_late_answers_are_bounded() -> None:
    store = Never()
    reads = TimelyReads(store)
    answers = await asyncio.gather(
        *(reads.get([b"k"], Deadline.after(0.02)) for _ in range(3 * MOST_LATE)), return_exceptions=True
    )
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    again = await asyncio.gather(
        *(reads.get([b"k"], Deadline.after(0.02)) for _ in range(100)), return_exceptions=True
    )
    assert all("left alone" in str(answer) for answer in again)
    assert store.asked == 3 * MOST_LATE
    await asyncio.sleep(0.6)
    assert await reads.get([b"k"], Deadline.after(1)) == [None]


async def test_no_time_left_is_not_waited_for() -> None:
    with pytest.raises(StoreUnavailable):
        await TimelyReads(Never()).get([b"k"], Deadline.after(-1))
