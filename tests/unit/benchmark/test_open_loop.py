"""The open loop: searches are sent when due, and wait from then on."""

import asyncio
from collections.abc import Callable

import pytest

from sidecar.benchmark.load.open_loop import Send, open_loop
from sidecar.benchmark.load.outcome import Answer, Kind, Outcome

DONE = Answer(complete=True)


class FakeClock:
    """Time passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


async def run(send: Callable[[FakeClock], Send], due: list[float], deadline: float = 0.2) -> list[Outcome]:
    clock = FakeClock()
    return await open_loop(send(clock), due, list(range(len(due))), deadline, clock, clock.sleep)


async def test_searches_are_sent_when_due() -> None:
    sent: list[tuple[int, float]] = []

    def at_once(clock: FakeClock) -> Send:
        async def send(query: int, deadline: float) -> Answer:
            sent.append((query, round(clock.now - 100.0, 6)))
            return DONE

        return send

    found = await run(at_once, [0.5, 1.0, 4.0])
    assert sent == [(0, 0.5), (1, 1.0), (2, 4.0)]
    assert [outcome.latency for outcome in found] == pytest.approx([0.0, 0.0, 0.0])
    assert {outcome.kind for outcome in found} == {Kind.FULL}


async def test_a_client_that_falls_behind_hides_nothing() -> None:
    """The first search stalls the whole client for a second: those that were due meanwhile waited too."""

    def stalling(clock: FakeClock) -> Send:
        async def send(query: int, deadline: float) -> Answer:
            if query == 0:
                clock.now += 1.0
            return DONE

        return send

    found = await run(stalling, [0.1, 0.2, 0.6, 2.0])
    assert [outcome.latency for outcome in found] == pytest.approx([1.0, 0.9, 0.5, 0.0])
    assert [outcome.kind for outcome in found] == [Kind.LATE, Kind.LATE, Kind.LATE, Kind.FULL]


async def test_nobody_waits_for_an_answer_to_an_earlier_search() -> None:
    release = asyncio.Event()

    def last_first(clock: FakeClock) -> Send:
        async def send(query: int, deadline: float) -> Answer:
            if query == 2:
                release.set()
            await release.wait()
            return DONE

        return send

    found = await run(last_first, [0.0, 0.01, 0.02])
    assert [outcome.query for outcome in found] == [0, 1, 2]
    assert all(outcome.done == pytest.approx(0.02) for outcome in found)


async def test_kinds_of_outcomes() -> None:
    def mixed(clock: FakeClock) -> Send:
        async def send(query: int, deadline: float) -> Answer:
            match query:
                case 0:
                    return Answer(complete=False, reasons=("partly_scored",))
                case 1:
                    raise TimeoutError
                case 2:
                    raise OSError("UNAVAILABLE")
                case _:
                    return DONE

        return send

    found = await run(mixed, [0.0, 1.0, 2.0, 3.0])
    assert [outcome.kind for outcome in found] == [Kind.DEGRADED, Kind.LATE, Kind.FAILED, Kind.FULL]
