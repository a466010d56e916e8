"""One contract, every scorer. The real Triton is asked where the stack is running."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import numpy as np
import pytest

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.onnx import OnnxScorer
from sidecar.ranking.relevance.order import OrderScorer
from sidecar.ranking.relevance.scorer import Scorer, ScorerError, ScorerLate
from sidecar.ranking.relevance.triton import TritonScorer
from tests.fixtures.fake_triton import MODEL, FakeTriton
from tests.fixtures.scorers import OverlapEngine

ODD_TEXTS = [
    "",
    " \t\n",
    "红色 跑鞋 女",
    "x" * 100_000,
    "👟" * 500,
    "nul\x00inside",
    "lone \ud800 surrogate",
    "\u202eright to left\u202c",
    "é" + "\u0301" * 1000,
    "\ufeff\u200b",
]


def seconds(amount: float = 30.0) -> Deadline:
    return Deadline.after(amount)


@pytest.fixture(
    params=[
        "order",
        "onnx",
        "triton",
        pytest.param("onnx_model", marks=pytest.mark.stack),
        pytest.param("triton_server", marks=pytest.mark.stack),
        pytest.param("onnx_cross_encoder", marks=pytest.mark.stack),
        pytest.param("triton_cross_encoder", marks=pytest.mark.stack),
    ]
)
async def scorer(request: pytest.FixtureRequest) -> AsyncIterator[Scorer]:
    """Each implementation; `onnx` and `triton` with a small scripted model behind the real way to it."""
    kind = request.param
    if kind == "order":
        yield OrderScorer()
    elif kind == "onnx":
        scorer = OnnxScorer(OverlapEngine())
        yield scorer
        await scorer.close()
    elif kind == "triton":
        async with FakeTriton() as server:
            triton = TritonScorer(server.address, MODEL)
            yield triton
            await triton.close()
    elif kind.startswith("onnx"):
        engine = request.getfixturevalue("encoder" if kind == "onnx_model" else "cross_encoder")
        scorer = OnnxScorer(engine)
        yield scorer
        await scorer.close()
    else:
        server = request.getfixturevalue("triton" if kind == "triton_server" else "cross_triton")
        triton = TritonScorer(server.grpc_address, MODEL)
        yield triton
        await triton.close()


async def test_a_score_for_each_text_and_the_model_that_gave_it(scorer: Scorer) -> None:
    scores = await scorer.score("red shoes", ["red shoes", "blue hat", "green sofa"], seconds())
    assert scores.values.shape == (3,)
    assert scores.values.dtype == np.float32
    assert np.isfinite(scores.values).all()
    assert scores.model
    assert scorer.model == scores.model


async def test_a_better_text_scores_higher(scorer: Scorer) -> None:
    scores = await scorer.score("red running shoes", ["red running shoes", "garden hose, green"], seconds())
    assert scores.values[0] > scores.values[1]


async def test_the_same_again_is_the_same(scorer: Scorer) -> None:
    texts = ["red shoes", "blue hat", "red hat"]
    first = await scorer.score("red hat", texts, seconds())
    again = await scorer.score("red hat", texts, seconds())
    np.testing.assert_allclose(first.values, again.values, atol=2e-3)


async def test_no_texts_no_scores(scorer: Scorer) -> None:
    assert (await scorer.score("red shoes", [], seconds())).values.shape == (0,)


@pytest.mark.parametrize("text", ODD_TEXTS, ids=[ascii(text[:8]) for text in ODD_TEXTS])
async def test_any_text_is_scored(scorer: Scorer, text: str) -> None:
    scores = await scorer.score("red shoes", ["red shoes", text], seconds())
    assert np.isfinite(scores.values).all()


@pytest.mark.parametrize("query", ODD_TEXTS, ids=[ascii(query[:8]) for query in ODD_TEXTS])
async def test_any_query_is_scored(scorer: Scorer, query: str) -> None:
    scores = await scorer.score(query, ["red shoes"], seconds())
    assert np.isfinite(scores.values).all()


async def test_a_thousand_texts(scorer: Scorer) -> None:
    scores = await scorer.score("red shoes", [f"shoe {number}" for number in range(1000)], seconds(60))
    assert scores.values.shape == (1000,)
    assert np.isfinite(scores.values).all()


async def test_calls_at_the_same_time_do_not_mix(scorer: Scorer) -> None:
    answers = await asyncio.gather(
        *(scorer.score("red shoes", ["red shoes"] * count, seconds()) for count in range(1, 9))
    )
    assert [len(found.values) for found in answers] == list(range(1, 9))


async def test_a_deadline_that_has_passed_is_told_at_once(scorer: Scorer) -> None:
    started = time.monotonic()
    with pytest.raises(ScorerLate):
        await scorer.score("red shoes", ["red shoes"], Deadline.after(-1))
    assert time.monotonic() - started < 1


async def test_a_short_deadline_is_kept(scorer: Scorer) -> None:
    texts = [f"a shoe with the number {number} and more to say about it" for number in range(1000)]
    started = time.monotonic()
    try:
        scores = await scorer.score("red shoes", texts, Deadline.after(0.05))
    except ScorerError:
        pass
    else:
        assert np.isfinite(scores.values).any()
    assert time.monotonic() - started < 1.5


async def test_cancelling_ends_the_call_and_nothing_else(scorer: Scorer) -> None:
    task = asyncio.create_task(scorer.score("red shoes", ["another red shoe"] * 1000, seconds(60)))
    await asyncio.sleep(0)
    task.cancel()
    started = time.monotonic()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled() or isinstance(scorer, OrderScorer)  # which is done before anybody can
    assert time.monotonic() - started < 1.5
    assert np.isfinite((await scorer.score("red shoes", ["red shoes"], seconds())).values).all()


async def test_a_vector_for_each_text_and_the_model_that_made_it(scorer: Scorer) -> None:
    found = await scorer.embed(["red shoes", "blue hat", "green sofa"], seconds())
    assert found.values.shape[0] == 3
    assert found.values.shape[1] > 0
    assert found.values.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found.values, axis=1), 1, atol=2e-3)
    assert found.model
    assert scorer.model == found.model
    assert (await scorer.score("red shoes", ["red shoes"], seconds())).model == found.model


async def test_near_texts_have_near_vectors(scorer: Scorer) -> None:
    texts = ["red running shoes", "running shoes", "garden hose, green", "red running shoes"]
    query, near, far, same = (await scorer.embed(texts, seconds())).values
    assert query @ near > query @ far
    assert query @ same == pytest.approx(1, abs=2e-3)


async def test_vectors_do_not_depend_on_what_is_beside_them(scorer: Scorer) -> None:
    texts = ["red shoes", "blue hat with a very long story to tell about its brim", "red hat"]
    together = await scorer.embed(texts, seconds())
    alone = [(await scorer.embed([text], seconds())).values[0] for text in texts]
    np.testing.assert_allclose(together.values, alone, atol=2e-3)


async def test_no_texts_no_vectors(scorer: Scorer) -> None:
    assert (await scorer.embed([], seconds())).values.shape == (0, 0)


async def test_any_text_is_embedded(scorer: Scorer) -> None:
    found = await scorer.embed(["red shoes", *ODD_TEXTS], seconds())
    assert np.isfinite(found.values).all()


async def test_a_thousand_vectors(scorer: Scorer) -> None:
    found = await scorer.embed([f"shoe {number}" for number in range(1000)], seconds(60))
    assert len(found.values) == 1000
    assert np.isfinite(found.values).all()


async def test_vectors_and_scores_at_the_same_time_do_not_mix(scorer: Scorer) -> None:
    scores, vectors, more = await asyncio.gather(
        scorer.score("red shoes", ["red shoes"] * 5, seconds()),
        scorer.embed(["red shoes", "blue hat"], seconds()),
        scorer.score("red shoes", ["red shoes"] * 3, seconds()),
    )
    assert (len(scores.values), len(vectors.values), len(more.values)) == (5, 2, 3)


async def test_vectors_after_the_deadline_are_refused_at_once(scorer: Scorer) -> None:
    with pytest.raises(ScorerLate):
        await scorer.embed(["red shoes"], Deadline.after(-1))


async def test_what_does_not_fit_the_time_is_a_row_of_nan(scorer: Scorer) -> None:
    texts = [f"a hat with the number {number} and more to say about it" for number in range(1000)]
    try:
        values = (await scorer.embed(texts, Deadline.after(0.05))).values
    except ScorerError:
        return
    known = np.isfinite(values).all(axis=1)
    assert known.any()
    assert np.isnan(values[~known]).all()


async def test_cancelling_ends_the_embedding_and_nothing_else(scorer: Scorer) -> None:
    task = asyncio.create_task(
        scorer.embed([f"shoe {number} of many" for number in range(1000)], seconds(60))
    )
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled() or isinstance(scorer, OrderScorer)
    assert np.isfinite((await scorer.embed(["red shoes"], seconds())).values).all()


async def test_the_canary_is_scored(scorer: Scorer) -> None:
    await scorer.canary(seconds())
    assert scorer.model
