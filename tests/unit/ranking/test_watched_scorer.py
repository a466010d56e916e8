"""The breaker around a scorer: usable or not is found out by canaries."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
import pytest

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.repair import LoadAgain
from sidecar.ranking.relevance.scorer import (
    CANARY_TEXT,
    ScorerError,
    ScorerFailed,
    ScorerLate,
    ScorerModelLost,
    ScorerOverloaded,
    ScorerUnavailable,
    ScorerWithoutVectors,
)
from sidecar.ranking.relevance.watch import CanaryPlan, WatchedScorer
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.scorers import ScriptedScorer

QUICK = CanaryPlan(interval=0.02, retry=0.01, timeout=0.1, failures=3)
CALM = CanaryPlan(interval=60, retry=0.01, timeout=0.1, failures=3)


@asynccontextmanager
async def watched(
    scorer: ScriptedScorer, plan: CanaryPlan = QUICK, metrics: Metrics | None = None
) -> AsyncIterator[WatchedScorer]:
    found = WatchedScorer(scorer, plan, metrics or Metrics())
    task = asyncio.create_task(found.watch())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(scorer: WatchedScorer, *, usable: bool) -> None:
    await asyncio.wait_for(scorer.wait_until(usable=usable), 5)


async def ask(scorer: WatchedScorer, seconds: float = 1.0) -> float:
    """The seconds that a search took; its error comes through."""
    started = time.monotonic()
    try:
        await scorer.score("red shoes", ["red shoes"], Deadline.after(seconds))
    finally:
        took = time.monotonic() - started
    return took


async def test_nothing_is_asked_before_a_canary_was_scored() -> None:
    scorer = ScriptedScorer()
    scorer.error = ScorerUnavailable("starting")
    async with watched(scorer) as found:
        await asyncio.sleep(0.05)
        with pytest.raises(ScorerUnavailable, match="canary"):
            await ask(found)
        assert all(texts == ["red running shoes for women"] for texts in scorer.asked)
        scorer.error = None
        await until(found, usable=True)
        assert await ask(found) < 1
        assert found.model == "scripted@1"


@pytest.mark.parametrize("error", [ScorerUnavailable("x"), ScorerFailed("x")])
async def test_failed_searches_open_the_breaker_and_canaries_close_it(error: ScorerError) -> None:
    scorer = ScriptedScorer()
    async with watched(scorer, CALM) as found:
        await until(found, usable=True)
        scorer.error = error
        for _ in range(3):
            with pytest.raises(type(error)):
                await ask(found)
        assert not found.usable
        asked = len(scorer.asked)
        with pytest.raises(ScorerUnavailable, match="canary"):
            await ask(found)
        assert len(scorer.asked) == asked, "a scorer that is down is not asked by searches"
        scorer.error = None
        await until(found, usable=True)
        await ask(found)


async def test_the_open_breaker_says_whether_the_server_or_its_model_is_gone() -> None:
    scorer = ScriptedScorer()
    async with watched(scorer) as found:
        await until(found, usable=True)
        scorer.error = ScorerModelLost("the stub is dead")
        await until(found, usable=False)
        with pytest.raises(ScorerModelLost, match="canary"):
            await ask(found)
        scorer.error = ScorerUnavailable("the server is gone")
        async with asyncio.timeout(5):
            while isinstance(found.why, ScorerModelLost):  # noqa: ASYNC110 - the reason has no event
                await asyncio.sleep(0.01)
        with pytest.raises(ScorerUnavailable, match="canary") as told:
            await ask(found)
        assert told.value.reason == "scorer_unavailable"


async def test_a_lost_model_is_repaired_by_the_watch() -> None:
    scorer, metrics = ScriptedScorer(), Metrics()

    async def load() -> None:
        scorer.error = None

    found = WatchedScorer(scorer, QUICK, metrics, LoadAgain(load, metrics))
    task = asyncio.create_task(found.watch())
    await until(found, usable=True)
    scorer.error = ScorerModelLost("the stub is dead")
    await until(found, usable=False)
    await until(found, usable=True)
    assert metrics.registry.get_sample_value("reshelf_repairs_total", {"outcome": "loaded"}) == 1
    task.cancel()


async def test_vectors_pass_the_same_breaker() -> None:
    scorer = ScriptedScorer()
    async with watched(scorer, CALM) as found:
        with pytest.raises(ScorerUnavailable, match="canary"):
            await found.embed(["red shoes"], Deadline.after(1))
        await until(found, usable=True)
        scorer.fingerprint = "scripted@2"
        assert (await found.embed(["red shoes"], Deadline.after(1))).values.shape[0] == 1
        assert found.model == "scripted@2"
        scorer.error = ScorerFailed("x")
        for ask_for in (
            found.embed(["a"], Deadline.after(1)),
            ask(found),
            found.embed(["a"], Deadline.after(1)),
        ):
            with pytest.raises(ScorerFailed):
                await ask_for
        assert not found.usable


async def test_a_model_without_vectors_still_scores() -> None:
    scorer = ScriptedScorer()
    scorer.vectors = lambda texts: np.empty((len(texts), 0), np.float32)
    async with watched(scorer, CALM) as found:
        await until(found, usable=True)
        for _ in range(5):
            with pytest.raises(ScorerWithoutVectors, match="--vectors"):
                await found.embed(["red shoes"], Deadline.after(1))
        assert found.usable
        await ask(found)


async def test_failures_must_come_in_a_row() -> None:
    scorer = ScriptedScorer()
    async with watched(scorer, CALM) as found:
        await until(found, usable=True)
        for error in (ScorerFailed("x"), ScorerFailed("x"), None) * 3:
            scorer.error = error
            if error:
                with pytest.raises(ScorerFailed):
                    await ask(found)
            else:
                await ask(found)
        assert found.usable


async def test_late_searches_call_for_a_canary_and_its_answer_counts() -> None:
    """A search may come too late because it had too little time; a frozen scorer answers nobody."""
    scorer = ScriptedScorer()
    late_for_searches = True

    def answer(_: str, texts: Sequence[str]) -> list[float]:
        canary = texts == [CANARY_TEXT]
        return [0.5 if canary or not late_for_searches else math.nan] * len(texts)

    scorer.answer = answer
    async with watched(scorer, CALM) as found:
        await until(found, usable=True)
        for _ in range(10):
            with pytest.raises(ScorerLate):
                await ask(found)
            await asyncio.sleep(0)
        assert [CANARY_TEXT] in scorer.asked[4:]
        assert found.usable
        scorer.answer = lambda _, texts: [math.nan] * len(texts)
        for _ in range(3):
            with pytest.raises(ScorerLate):
                await ask(found)
        await until(found, usable=False)


async def test_overload_is_not_death() -> None:
    scorer = ScriptedScorer()
    async with watched(scorer) as found:
        await until(found, usable=True)
        scorer.error = ScorerOverloaded("busy")
        for _ in range(10):
            with pytest.raises(ScorerOverloaded):
                await ask(found)
        await asyncio.sleep(0.1)
        assert found.usable


async def test_canaries_alone_notice_a_scorer_that_died_in_a_quiet_hour() -> None:
    metrics = Metrics()
    scorer = ScriptedScorer()
    async with watched(scorer, metrics=metrics) as found:
        await until(found, usable=True)
        assert metrics.registry.get_sample_value("reshelf_scorer_usable") == 1
        scorer.answer = lambda _, texts: [math.nan] * len(texts)
        await until(found, usable=False)
        assert metrics.registry.get_sample_value("reshelf_scorer_usable") == 0
        assert metrics.registry.get_sample_value("reshelf_canaries_total", {"outcome": "out_of_time"}) >= 3
        scorer.answer = None
        await until(found, usable=True)


async def test_a_canary_that_hangs_is_given_up() -> None:
    scorer = ScriptedScorer()
    async with watched(scorer) as found:
        await until(found, usable=True)
        scorer.delay = 3600
        await until(found, usable=False)
        scorer.delay = 0
        await until(found, usable=True)


async def test_an_unknown_error_of_a_canary_does_not_end_the_watch() -> None:
    scorer = ScriptedScorer()
    scorer.error = RuntimeError("a bug")
    async with watched(scorer) as found:
        await asyncio.sleep(0.05)
        assert not found.usable
        scorer.error = None
        await until(found, usable=True)


async def test_a_canary_finds_the_new_model() -> None:
    scorer = ScriptedScorer()
    async with watched(scorer) as found:
        await until(found, usable=True)
        scorer.fingerprint = "scripted@2"
        async with asyncio.timeout(5):
            while found.model != "scripted@2":  # noqa: ASYNC110 - the model has no event
                await asyncio.sleep(0.01)
