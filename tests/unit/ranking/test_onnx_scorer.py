"""The in-process scorer: one thread, stopped in time, never in the way of the event loop."""

import asyncio
import time

import numpy as np
import pytest

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.onnx import OnnxScorer
from sidecar.ranking.relevance.scorer import ScorerFailed, ScorerOverloaded
from tests.fixtures.scorers import OverlapEngine

SLOW = 0.01


async def test_what_fits_into_the_time_is_scored_best_first() -> None:
    scorer = OnnxScorer(OverlapEngine(SLOW))
    found = await scorer.score("red shoes", ["red shoes"] * 1000, Deadline.after(0.2))
    scored = np.isfinite(found.values)
    assert 0 < scored.sum() < 1000
    assert scored[: scored.sum()].all()
    await scorer.close()


async def test_what_fits_into_the_time_is_embedded_best_first() -> None:
    scorer = OnnxScorer(OverlapEngine(SLOW))
    found = await scorer.embed(["red shoes"] * 1000, Deadline.after(0.2))
    known = np.isfinite(found.values).all(axis=1)
    assert 0 < known.sum() < 1000
    assert known[: known.sum()].all()
    await scorer.close()


async def test_the_event_loop_is_free_meanwhile() -> None:
    scorer = OnnxScorer(OverlapEngine(SLOW))
    task = asyncio.create_task(scorer.score("q", ["a"] * 30, Deadline.after(5)))
    turns = 0
    while not task.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 30
    await scorer.close()


async def test_cancelling_stops_the_engine() -> None:
    engine = OverlapEngine(SLOW)
    scorer = OnnxScorer(engine)
    task = asyncio.create_task(scorer.score("q", ["a"] * 1000, Deadline.after(60)))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    started = time.monotonic()
    await scorer.score("q", ["a"], Deadline.after(5))
    assert time.monotonic() - started < 1
    assert engine.scored < 100
    await scorer.close()


async def test_too_many_waiting() -> None:
    scorer = OnnxScorer(OverlapEngine(SLOW), max_waiting=2)
    tasks = [asyncio.create_task(scorer.score("q", ["a"] * 20, Deadline.after(5))) for _ in range(3)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results].count(ScorerOverloaded) == 1
    assert np.isfinite((await scorer.score("q", ["a"], Deadline.after(5))).values).all()
    await scorer.close()


async def test_an_engine_that_raises() -> None:
    engine = OverlapEngine()
    engine.error = RuntimeError("no memory")
    scorer = OnnxScorer(engine)
    with pytest.raises(ScorerFailed, match="no memory"):
        await scorer.score("q", ["a"], Deadline.after(5))
    with pytest.raises(ScorerFailed, match="no memory"):
        await scorer.embed(["a"], Deadline.after(5))
    await scorer.close()
