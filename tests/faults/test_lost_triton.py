"""The sidecar's service with a real Triton that is fine, short of time, frozen, killed and back."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.model.build import Built
from sidecar.stack.triton import ensure_triton
from sidecar.stack.triton_process import TritonProcess
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire
from tests.fixtures.model_servers import thaw
from tests.fixtures.service import request, running, settings, stub

pytestmark = pytest.mark.stack

THINGS = ("garden hose", "sofa", "red shoes", "hat")
SHELF = [f"{thing}, size {size}" for size in range(25) for thing in THINGS]


@pytest.fixture(scope="module")
def own_triton(built_model: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonProcess]:
    """One that these tests may hurt."""
    repository = built_model.folder.parent.parent
    with TritonProcess(tmp_path_factory.mktemp("own-triton"), ensure_triton(), repository) as process:
        yield process


def aimed_at(triton: TritonProcess) -> Any:
    scorer = {
        "kind": "triton",
        "triton": {"address": triton.grpc_address},
        "canary": {"interval_ms": 200, "retry_ms": 100, "timeout_ms": 1000, "failures": 3},
    }
    return settings(scorer=scorer)


def reasons(answer: wire.RerankResponse) -> list[str]:
    return [skip.reason for skip in answer.skipped]


def stage_of(answer: wire.RerankResponse, name: str) -> wire.StageReport:
    return next(stage for stage in answer.stages if stage.name == name)


def ranks(answer: wire.RerankResponse) -> list[int]:
    return [hit.rank for hit in answer.hits]


async def test_the_model_decides(own_triton: TritonProcess) -> None:
    async with running(aimed_at(own_triton)) as service, stub(service) as client:
        answer = await client.Rerank(request(SHELF, query="red shoes", explain=True), timeout=20)
        assert answer.reranked
        assert not answer.skipped
        model_says = {
            hit.id: part.value
            for hit in answer.hits
            for part in hit.contributions
            if part.name == "similarity"
        }
        best = sorted(model_says, key=model_says.__getitem__, reverse=True)[:25]
        assert all("red shoes" in SHELF[int(found.removeprefix("id-")) - 1] for found in best)
        again = await client.Rerank(request(SHELF, query="Red  Shoes", explain=True), timeout=20)
        figures = stage_of(again, "relevance").figures
        assert figures["vectors_known"] == figures["ranked"] + 1 == 101
        assert ranks(again) == ranks(answer)
        assert again.versions == answer.versions
        assert "@" in answer.versions["model"]


@pytest.mark.parametrize("budget_ms", [10, 30, 60, 120, 250])
async def test_too_little_time_is_used_best_first(own_triton: TritonProcess, budget_ms: int) -> None:
    async with running(aimed_at(own_triton)) as service, stub(service) as client:
        for turn in range(4):
            shelf = [f"{text} of turn {turn} and budget {budget_ms}, with more to read" for text in SHELF * 3]
            started = time.perf_counter()
            answer = await client.Rerank(request(shelf, budget_ms=budget_ms), timeout=20)
            took = time.perf_counter() - started
            assert sorted(ranks(answer)) == list(range(1, len(shelf) + 1))
            # Overloaded: Triton was still at the batch of the turn before when this one's wait was over.
            allowed = {"partly_scored", "out_of_time", "scorer_unavailable", "scorer_overloaded"}
            assert set(reasons(answer)) <= allowed
            assert took < budget_ms / 1000 + 1


async def test_what_fits_is_scored_and_the_rest_is_said_to_be_missing(own_triton: TritonProcess) -> None:
    async with running(aimed_at(own_triton)) as service, stub(service) as client:
        for turn in range(5):
            shelf = [f"{text} of shelf {turn}, number {number}" for number, text in enumerate(SHELF * 8)]
            answer = await client.Rerank(request(shelf, budget_ms=1500), timeout=20)
            assert sorted(ranks(answer)) == list(range(1, len(shelf) + 1))
            if answer.reranked:
                break
        assert answer.reranked
        assert set(reasons(answer)) <= {"partly_scored"}
        late = sum(skip.candidates for skip in answer.skipped)
        assert stage_of(answer, "relevance").candidates == 100 - late


async def test_frozen_and_thawed(own_triton: TritonProcess) -> None:
    async with running(aimed_at(own_triton)) as service, stub(service) as client:
        own_triton.pause()
        try:
            seen: set[str] = set()
            took = []
            async with asyncio.timeout(30):
                while "scorer_unavailable" not in seen:
                    started = time.perf_counter()
                    number = len(took)
                    answer = await client.Rerank(request([f"a {number}", "b"], budget_ms=300), timeout=5)
                    took.append(time.perf_counter() - started)
                    assert ranks(answer) == [1, 2]
                    seen |= set(reasons(answer))
            assert seen <= {"out_of_time", "scorer_unavailable"}
            assert max(took) < 1
            started = time.perf_counter()
            for number in range(20):
                answer = await client.Rerank(request([f"c {number}", "d"], budget_ms=300), timeout=5)
                assert reasons(answer) == ["scorer_unavailable"]
            assert (time.perf_counter() - started) / 20 < 0.1, "an open breaker costs nothing"
        finally:
            await asyncio.to_thread(thaw, own_triton)
        await asyncio.wait_for(service.wait_until_ready(), 30)
        assert (await client.Rerank(request(["e", "f"]), timeout=20)).reranked


async def test_killed_and_started_again(own_triton: TritonProcess) -> None:
    async with running(aimed_at(own_triton)) as service, stub(service) as client:
        await asyncio.to_thread(own_triton.kill)
        for number in range(10):
            answer = await client.Rerank(request([f"g {number}", "h"], budget_ms=300), timeout=5)
            assert ranks(answer) == [1, 2]
            assert reasons(answer) == ["scorer_unavailable"]
        await asyncio.to_thread(own_triton.start)
        await asyncio.wait_for(service.wait_until_ready(), 60)
        assert (await client.Rerank(request(["i", "j"]), timeout=20)).reranked


async def test_more_searches_than_triton_takes(own_triton: TritonProcess) -> None:
    """What does not fit is told so, and everybody gets an answer."""
    async with running(aimed_at(own_triton)) as service, stub(service) as client:
        calls = [
            client.Rerank(
                request([f"{text} for caller {number}" for text in SHELF], budget_ms=3000), timeout=20
            )
            for number in range(150)
        ]
        answers = await asyncio.gather(*calls)
        told = {reason for answer in answers for reason in reasons(answer)}
        assert all(sorted(ranks(answer)) == list(range(1, 101)) for answer in answers)
        assert told <= {"scorer_overloaded", "out_of_time", "partly_scored", "scorer_unavailable"}
        assert "scorer_overloaded" in told
        assert any(answer.reranked for answer in answers)
        await asyncio.wait_for(service.wait_until_ready(), 30)
