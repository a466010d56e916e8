"""Searches hand over what was served and never wait; events find it at once."""

import asyncio
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from sidecar.config.served import Served
from sidecar.served.log import ServedLogUnavailable
from sidecar.served.memory import MemoryServedLog
from sidecar.served.metrics import ServedMetrics
from sidecar.served.writer import ServedWriter
from tests.fixtures.served_lists import NOW, assert_same, key, outcome, served_list


class Away(MemoryServedLog):
    """A log that can be away, and counts how often it is asked to write."""

    def __init__(self) -> None:
        super().__init__(100_000_000)
        self.away = False
        self.writes = 0

    async def add(self, lists):
        self.writes += 1
        self._check()
        await super().add(lists)

    async def get(self, queries):
        self._check()
        return await super().get(queries)

    async def add_outcomes(self, outcomes):
        self._check()
        await super().add_outcomes(outcomes)

    def _check(self):
        if self.away:
            raise ServedLogUnavailable("the test's log is away")


class Made:
    def __init__(self, **settings) -> None:
        self.registry = CollectorRegistry()
        self.log = Away()
        self.writer = ServedWriter(
            self.log,
            Served(**{"kind": "memory", "flush_ms": 1, **settings}),
            ServedMetrics(self.registry),
            clock=lambda: NOW,
        )

    def figure(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"reshelf_served_{name}", labels or None) or 0.0


async def test_a_list_is_found_before_and_after_it_is_written() -> None:
    made = Made()
    given = served_list()
    made.writer.add(given)
    assert (await made.writer.get([key("q"), key("never"), b""]))[0] is given
    await made.writer.flush()
    assert made.figure("lists_written_total") == 1
    assert_same(given, (await made.writer.get([key("q")]))[0])


async def test_a_page_more_joins_at_once() -> None:
    made = Made()
    made.writer.add(served_list(hits=30, page=(0, 10)))
    made.writer.add(served_list(hits=30, page=(10, 10)))
    (found,) = await made.writer.get([key("q")])
    assert found is not None
    assert (found.page_start, found.page_size) == (0, 20)
    await made.writer.flush()
    (kept,) = await made.log.get([key("q")])
    assert kept is not None
    assert (kept.page_start, kept.page_size) == (0, 20)


async def test_what_memory_has_let_go_comes_from_the_log() -> None:
    made = Made(recent_mib=1)
    for number in range(400):
        made.writer.add(served_list(f"q{number}", hits=100, features="abcdefgh", seed=number))
        await made.writer.flush()
    assert made.figure("recent_bytes") <= 2**20
    assert made.writer._table.find(key("q0")) is None
    assert None not in await made.writer.get([key("q0"), key("q399")])


async def test_while_the_log_is_away_lists_wait_and_then_are_written() -> None:
    made = Made()
    made.log.away = True
    made.writer.add(served_list("q1"))
    with pytest.raises(ServedLogUnavailable):
        await made.writer.flush()
    made.writer.add(served_list("q2"))
    with pytest.raises(ServedLogUnavailable):
        await made.writer.flush()
    assert made.log.writes == 1  # left alone for a moment
    made.log.away = False
    made.writer._buffer.retry_at = 0.0
    await made.writer.flush()
    assert None not in await made.log.get([key("q1"), key("q2")])


async def test_what_does_not_fit_is_dropped_and_counted_and_still_found() -> None:
    made = Made(buffer_mib=1)
    made.log.away = True
    for number in range(400):
        made.writer.add(served_list(f"q{number}", hits=100, features="abcdefgh", seed=number))
        with pytest.raises(ServedLogUnavailable):
            await made.writer.flush()
    assert made.figure("lists_dropped_total", reason="buffer_full") > 100
    assert made.figure("lists_waiting") < 300
    assert await made.writer.find([key("q399")]) != [None]


async def test_more_than_can_be_packed_is_dropped_and_counted() -> None:
    made = Made()
    given = served_list()
    for number in range(5000):
        made.writer.add(replace(given, query=number.to_bytes(16, "big")))
    assert made.figure("lists_dropped_total", reason="too_fast") == 5000 - 4096


async def test_a_sample_is_written_and_all_can_be_learned_from() -> None:
    made = Made(sample=0.25)
    names = [f"q{number}" for number in range(400)]
    for name in names:
        made.writer.add(served_list(name, hits=2))
    await made.writer.flush()
    kept = [one for one in await made.log.get([key(name) for name in names]) if one]
    assert 60 < len(kept) < 140
    assert None not in await made.writer.get([key(name) for name in names])


async def test_only_the_first_hits_are_kept() -> None:
    made = Made(hits=20)
    made.writer.add(served_list(hits=100, page=(10, 24)))
    (found,) = await made.writer.get([key("q")])
    assert found is not None
    assert len(found.ids) == len(found.scores) == len(found.traits.keys) == len(found.features) == 20
    assert (found.page_start, found.page_size) == (10, 10)


async def test_a_forgotten_shopper_does_not_wait_in_memory() -> None:
    made = Made()
    made.writer.add(served_list("q1", "anna"))
    await made.writer._pack_all()
    made.writer.add(served_list("q2", "anna"))
    made.writer.add(served_list("q3", "bert"))
    made.writer.add_outcomes([outcome("q1", "anna"), outcome("q3", "bert", event="2")])
    made.writer.forget([key("anna")])
    await made.writer.flush()
    assert [one is not None for one in await made.writer.get([key(name) for name in ("q1", "q2", "q3")])] == [
        False,
        False,
        True,
    ]
    assert [len(found) for found in await made.log.outcomes([key("q1"), key("q3")])] == [0, 1]


async def test_outcomes_come_after_their_list() -> None:
    made = Made()
    made.writer.add(served_list())
    made.writer.add_outcomes([outcome()])
    assert await made.writer.flush_outcomes()
    assert await made.log.outcomes([key("q")]) == [[outcome()]]


async def test_outcomes_wait_for_the_log_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made()
    made.log.away = True
    made.writer.add_outcomes([outcome()])
    assert not await made.writer.flush_outcomes()
    monkeypatch.setattr("sidecar.served.buffer.MOST_OUTCOMES", 1)
    made.writer.add_outcomes([outcome(event="2")])
    assert await made.writer.flush_outcomes()
    assert made.figure("outcomes_dropped_total") == 2


async def test_the_task_writes_by_itself_and_ends_when_told() -> None:
    made = Made()
    running = asyncio.create_task(made.writer.run())
    made.writer.add(served_list())
    async with asyncio.timeout(5):
        while (await made.log.get([key("q")]))[0] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    made.writer.add(served_list("last"))
    await made.writer.close()
    assert made.figure("lists_written_total") == 2
