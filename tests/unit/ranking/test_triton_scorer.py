"""What the Triton scorer sends, and what it makes of answers that no real model should give."""

import asyncio
import math
import time
from contextlib import suppress
from typing import Any

import grpc
import numpy as np
import pytest
from tritonclient.grpc import service_pb2 as wire

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.scorer import (
    ScorerError,
    ScorerFailed,
    ScorerLate,
    ScorerModelLost,
    ScorerOverloaded,
    ScorerUnavailable,
    ScorerWithoutVectors,
)
from sidecar.ranking.relevance.triton import TritonScorer
from tests.fixtures.fake_triton import (
    MODEL,
    Behaviour,
    Call,
    FakeTriton,
    answer,
    hanging,
    output,
    refusing,
    vectors,
)

TEXTS = ["red shoes", "blue hat"]


async def score(server: FakeTriton, seconds: float = 5.0) -> list[float]:
    scorer = TritonScorer(server.address, MODEL)
    try:
        return (await scorer.score("red shoes", TEXTS, Deadline.after(seconds))).values.tolist()
    finally:
        await scorer.close()


async def test_what_is_sent() -> None:
    async with FakeTriton() as server:
        assert await score(server, seconds=2.0) == [1.0, 0.0]
    (sent,) = server.requests
    assert sent.model_name == MODEL
    assert [(tensor.name, tensor.datatype, list(tensor.shape)) for tensor in sent.inputs] == [
        ("QUERY", "BYTES", [2, 1]),
        ("TEXT", "BYTES", [2, 1]),
    ]
    assert [tensor.name for tensor in sent.outputs] == ["SCORE", "MODEL"]
    assert 1_500 < sent.parameters["budget_ms"].int64_param < 2_000
    assert 1_500_000 < sent.parameters["timeout"].int64_param < 2_000_000
    assert 1.5 < server.time_left[0] <= 2.05  # gRPC rounds it on its way


def answering(response: wire.ModelInferResponse) -> Behaviour:
    async def give(_: FakeTriton, __: Call, ___: Any) -> wire.ModelInferResponse:
        return response

    return give


def changed(**fields: Any) -> wire.ModelInferResponse:
    """An honest answer with something replaced."""
    response = answer([1.0, 0.5])
    for name, value in fields.items():
        del getattr(response, name)[:]
        getattr(response, name).extend(value)
    return response


HONEST = answer([1.0, 0.5])
CASES: dict[str, tuple[Behaviour, type[ScorerError]]] = {
    "too few": (answering(answer([1.0])), ScorerFailed),
    "too many": (answering(answer([1.0, 0.5, 0.2])), ScorerFailed),
    "none": (answering(answer([])), ScorerFailed),
    "all NaN": (answering(answer([math.nan, math.nan])), ScorerLate),
    "infinite": (answering(answer([math.inf, 0.5])), ScorerFailed),
    "several models": (answering(answer([1.0, 0.5], ["a", "b"])), ScorerFailed),
    "nameless model": (answering(answer([1.0, 0.5], "")), ScorerFailed),
    "no outputs": (answering(wire.ModelInferResponse(model_name=MODEL)), ScorerFailed),
    "no model": (answering(changed(outputs=[output("SCORE", "FP32", [2, 1])])), ScorerFailed),
    "wrong type": (
        answering(
            changed(
                outputs=[output("SCORE", "FP64", [2, 1]), output("MODEL", "BYTES", [2, 1])],
                raw_output_contents=[np.zeros(2).tobytes(), HONEST.raw_output_contents[1]],
            )
        ),
        ScorerFailed,
    ),
    "too few bytes": (
        answering(changed(raw_output_contents=[b"\x00" * 7, HONEST.raw_output_contents[1]])),
        ScorerFailed,
    ),
    "garbled names": (
        answering(changed(raw_output_contents=[HONEST.raw_output_contents[0], b"\xff" * 9])),
        ScorerFailed,
    ),
    "contents missing": (answering(changed(raw_output_contents=[])), ScorerFailed),
    "no such model": (
        refusing(grpc.StatusCode.NOT_FOUND, "Request for unknown model: 'bert_reranker' is not found"),
        ScorerModelLost,
    ),
    "model not ready": (
        refusing(grpc.StatusCode.UNAVAILABLE, "Request for unknown model: no available versions"),
        ScorerModelLost,
    ),
    "queue full": (refusing(grpc.StatusCode.UNAVAILABLE, "Exceeds maximum queue size"), ScorerOverloaded),
    "queue expired": (refusing(grpc.StatusCode.UNAVAILABLE, "Request timeout expired"), ScorerOverloaded),
    "exhausted": (refusing(grpc.StatusCode.RESOURCE_EXHAUSTED, "no memory"), ScorerOverloaded),
    "broken stub": (refusing(grpc.StatusCode.INTERNAL, "Stub process is not healthy"), ScorerModelLost),
    "bad input": (refusing(grpc.StatusCode.INVALID_ARGUMENT, "unexpected shape"), ScorerFailed),
}


@pytest.mark.parametrize("name", CASES)
async def test_answers_that_are_none(name: str) -> None:
    behaviour, error = CASES[name]
    async with FakeTriton(behaviour) as server:
        with pytest.raises(ScorerError) as failed:
            await score(server)
    assert type(failed.value) is error


async def test_a_part_of_the_scores() -> None:
    async with FakeTriton(answering(answer([0.5, math.nan]))) as server:
        first, second = await score(server)
    assert first == 0.5
    assert math.isnan(second)


async def test_a_triton_that_hangs_is_given_up_in_time_and_told() -> None:
    async with FakeTriton(hanging) as server:
        started = time.monotonic()
        with pytest.raises(ScorerLate):
            await score(server, seconds=0.2)
        assert time.monotonic() - started < 1
        await asyncio.wait_for(server.given_up.wait(), 5)


async def test_cancelling_reaches_triton() -> None:
    async with FakeTriton(hanging) as server:
        task = asyncio.create_task(score(server, seconds=60))
        await asyncio.wait_for(server.called.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.given_up.wait(), 5)


async def test_nobody_there_and_then_somebody() -> None:
    async with FakeTriton() as server:
        port = server.port
    scorer = TritonScorer(server.address, MODEL)
    with pytest.raises(ScorerUnavailable):
        await scorer.score("red shoes", TEXTS, Deadline.after(2))
    async with FakeTriton(port=port), asyncio.timeout(10):
        while True:
            try:
                scores = await scorer.score("red shoes", TEXTS, Deadline.after(2))
                break
            except ScorerUnavailable:
                await asyncio.sleep(0.05)
        assert scores.values.tolist() == [1.0, 0.0]
        await scorer.close()


async def test_a_model_that_overruns_its_budget_is_given_a_smaller_one() -> None:
    """It waits in Triton's queue before its budget begins, and finishes the micro-batch it is at."""

    async def overrunning(_: FakeTriton, call: Call, __: Any) -> wire.ModelInferResponse:
        await asyncio.sleep(call[2].parameters["budget_ms"].int64_param / 1000 + 0.08)
        return answer([0.5, math.nan])

    async with FakeTriton(overrunning) as server:
        scorer = TritonScorer(server.address, MODEL)
        budgets = []
        for _ in range(6):
            with suppress(ScorerLate):
                await scorer.score("red shoes", TEXTS, Deadline.after(0.4))
            budgets.append(server.requests[-1].parameters["budget_ms"].int64_param)
        assert budgets[0] > 350
        assert budgets[-1] < 320
        await scorer.close()


async def embed(server: FakeTriton) -> np.ndarray:
    scorer = TritonScorer(server.address, MODEL)
    try:
        return (await scorer.embed(TEXTS, Deadline.after(5))).values
    finally:
        await scorer.close()


async def test_vectors_alone_are_asked_for() -> None:
    async with FakeTriton() as server:
        assert (await embed(server)).shape == (2, 32)
    (sent,) = server.requests
    assert [tensor.name for tensor in sent.outputs] == ["VECTOR", "MODEL"]
    assert [list(tensor.shape) for tensor in sent.inputs] == [[2, 1], [2, 1]]
    assert 4_000 < sent.parameters["budget_ms"].int64_param < 5_000


UNIT = np.eye(2, dtype=np.float32)
VECTOR_CASES: dict[str, tuple[wire.ModelInferResponse, type[ScorerError]]] = {
    "too few": (vectors(UNIT[:1]), ScorerFailed),
    "too many": (vectors(np.eye(3)), ScorerFailed),
    "none": (vectors(UNIT[:0]), ScorerFailed),
    "no columns": (vectors(np.empty((2, 0))), ScorerWithoutVectors),
    "one dimension": (vectors(np.ones(2)), ScorerFailed),
    "three dimensions": (vectors(np.ones((2, 1, 1))), ScorerFailed),
    "scores instead": (answer([1.0, 0.5]), ScorerFailed),
    "all NaN": (vectors(np.full((2, 2), np.nan)), ScorerLate),
    "half a row NaN": (vectors(np.array([[1, 0], [math.nan, 1]])), ScorerFailed),
    "infinite": (vectors(np.array([[1, 0], [math.inf, 0]])), ScorerFailed),
    "neither of length 1 nor all zeros": (vectors(2 * UNIT), ScorerFailed),
    "several models": (vectors(UNIT, ["a", "b"]), ScorerFailed),
    "nameless model": (vectors(UNIT, ""), ScorerFailed),
}


@pytest.mark.parametrize("name", VECTOR_CASES)
async def test_vectors_that_are_none(name: str) -> None:
    response, error = VECTOR_CASES[name]
    async with FakeTriton(answering(response)) as server:
        with pytest.raises(ScorerError) as failed:
            await embed(server)
    assert type(failed.value) is error


async def test_a_part_of_the_vectors() -> None:
    async with FakeTriton(answering(vectors(np.array([[1, 0], [math.nan, math.nan]])))) as server:
        first, second = await embed(server)
    assert first.tolist() == [1, 0]
    assert np.isnan(second).all()


async def test_answers_of_another_model_than_the_expected_one_are_refused() -> None:
    async with FakeTriton() as server:
        scorer = TritonScorer(server.address, MODEL, fingerprint="fake@1")
        other = TritonScorer(server.address, MODEL, fingerprint="fake@2")
        await scorer.score("red shoes", TEXTS, Deadline.after(5))
        with pytest.raises(ScorerFailed, match="answers as fake@1, not as fake@2"):
            await other.score("red shoes", TEXTS, Deadline.after(5))
        await scorer.close()
        await other.close()
