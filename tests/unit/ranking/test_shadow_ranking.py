"""Which searches are shadowed, what is dropped, and how a disagreement is put into numbers."""

import asyncio
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from sidecar.config.profile import Profile
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Skip
from sidecar.domain.search import Search
from sidecar.ranking.relevance.shadow import QUEUE, Ranked, ShadowRanking, chosen, kendall_distance, overlap
from sidecar.ranking.stage import StageResult, StageSkipped
from sidecar.ranking.standing import Standing, first_stage
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.searches import profile, search


class Reversing:
    """A candidate that thinks the opposite; it waits for `may`."""

    name = "relevance"

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.may.set()
        self.skip = False

    async def apply(
        self, search: Search, profile: Profile, standing: Standing, deadline: Deadline
    ) -> StageResult:
        await self.may.wait()
        if self.skip:
            raise StageSkipped("scorer_unavailable")
        return StageResult(Standing(standing.candidates[::-1], standing.scores), len(standing.candidates))


def ranked(number: int = 0, skipped: bool = False) -> Ranked:
    asked = search([f"shoe {place}" for place in range(20)], query_id=f"{number}")
    standing = first_stage(asked.candidates)
    result = StageResult(standing, 20, skipped=[Skip("relevance", "partly_scored", 3)] if skipped else ())
    return Ranked(asked, profile(), standing, result, 0.01)


class Bench:
    def __init__(self, busy: int = 0) -> None:
        self.metrics = Metrics()
        self.stage = Reversing()
        self.shadow = ShadowRanking(self.metrics, busy=lambda: busy)
        self.shadow.follow(self.stage, "v2", 1.0)

    async def work(self) -> None:
        """Until the queue has been worked off."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await self.shadow.run()

    def count(self, outcome: str) -> float:
        labels = {"model": "v2", "outcome": outcome}
        return self.metrics.registry.get_sample_value("reshelf_shadow_searches_total", labels) or 0.0


async def test_the_disagreement_is_measured() -> None:
    bench = Bench()
    bench.shadow.offer(ranked())
    await bench.work()
    assert bench.count("compared") == 1
    value = bench.metrics.registry.get_sample_value
    assert value("reshelf_shadow_kendall_distance_sum", {"model": "v2"}) == 1
    assert value("reshelf_shadow_overlap_sum", {"model": "v2"}) == 0


async def test_what_does_not_fit_is_dropped_and_counted() -> None:
    bench = Bench()
    for number in range(QUEUE + 5):
        bench.shadow.offer(ranked(number))
    assert bench.count("dropped") == 5
    await bench.work()
    assert bench.count("compared") == QUEUE


async def test_a_busy_sidecar_shadows_nothing() -> None:
    bench = Bench(busy=100)
    bench.shadow.offer(ranked())
    assert bench.count("dropped") == 1


async def test_answers_that_are_not_whole_are_not_compared() -> None:
    bench = Bench()
    bench.shadow.offer(ranked(skipped=True))
    assert bench.count("incomplete") == 1
    bench.stage.skip = True
    bench.shadow.offer(ranked())
    await bench.work()
    assert bench.count("failed") == 1


def test_the_share_is_kept_and_the_choice_is_always_the_same() -> None:
    searches = [search(["a"], query=f"shoes {number}") for number in range(4000)]
    taken = [asked for asked in searches if chosen(asked, 0.1)]
    assert 300 < len(taken) < 500
    assert all(chosen(asked, 0.1) for asked in taken)
    assert all(chosen(asked, 0.2) for asked in taken), "a larger share holds the smaller one"
    assert all(chosen(asked, 1.0) for asked in searches)


@given(st.permutations(list(range(1, 30))))
def test_kendall_is_what_scipy_says(order: list[int]) -> None:
    one = list(range(1, 30))
    places = [order.index(thing) for thing in one]
    tau = kendalltau(np.arange(29), places).statistic
    assert kendall_distance(one, order) == pytest.approx((1 - tau) / 2)


def test_overlap() -> None:
    assert overlap([1, 2, 3], [3, 2, 1]) == 1
    assert overlap(list(range(20)), list(range(19, -1, -1))) == 0
    assert overlap([], []) == 0
