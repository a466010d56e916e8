"""The gRPC listener with real calls."""

import asyncio
from contextlib import AsyncExitStack

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from sidecar.ranking.relevance.scorer import ScorerUnavailable
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire
from tests.fixtures.columns import in_columns
from tests.fixtures.scorers import ScriptedScorer
from tests.fixtures.service import request, running, settings, stub

TITLES = ["blue hat", "green sofa", "red shoes"]
SERVICE = "reshelf.v1.Reranker"


async def test_a_search() -> None:
    async with running(scorer=ScriptedScorer()) as service, stub(service) as client:
        answer = await client.Rerank(request(TITLES), timeout=5)
    assert [hit.rank for hit in answer.hits] == [3, 1, 2]
    assert answer.reranked
    assert answer.took_us > 0
    assert answer.versions["model"] == "scripted@1"


async def test_a_search_in_columns() -> None:
    async with running(scorer=ScriptedScorer()) as service, stub(service) as client:
        asked = in_columns(request(TITLES))
        answer = await client.Rerank(asked, timeout=5)
        asked.explain = True
        explained = await client.Rerank(asked, timeout=5)
    assert list(answer.ranked.ranks) == [3, 1, 2]
    assert list(answer.ranked.scores) == sorted(answer.ranked.scores, reverse=True)
    assert not answer.hits
    assert [(hit.id, hit.rank) for hit in explained.hits] == [("id-3", 3), ("id-1", 1), ("id-2", 2)]
    assert not explained.HasField("ranked")


async def test_explained() -> None:
    async with running(scorer=ScriptedScorer()) as service, stub(service) as client:
        answer = await client.Rerank(request(TITLES, explain=True), timeout=5)
    for hit in answer.hits:
        assert sum(part.value for part in hit.contributions) == pytest.approx(hit.score)
    relevance = next(stage for stage in answer.stages if stage.name == "relevance")
    assert relevance.figures["ranked"] == 3


async def test_what_is_wrong_is_named() -> None:
    async with running() as service, stub(service) as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.Rerank(request(["a"], profile="No Such"), timeout=5)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert str(refused.value.details()).startswith("profile: ")


@pytest.mark.parametrize(
    "sent", [b"\xff\xff\xff", b"\x0a\x04\x0a\x02\xff\xfe"], ids=["no message", "no UTF-8"]
)
async def test_garbage_is_refused(sent: bytes) -> None:
    async with running() as service, grpc.aio.insecure_channel(service.grpc.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary(f"/{SERVICE}/Rerank")(sent, timeout=5)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_an_unknown_error_answers_no_details(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as service, stub(service) as client:
        monkeypatch.setattr("sidecar.server.conversion._by_rank", lambda _: 1 / 0)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.Rerank(request(["a"]), timeout=5)
    assert refused.value.code() is grpc.StatusCode.INTERNAL
    assert "division" not in str(refused.value.details())


async def test_too_many_in_flight() -> None:
    scorer = ScriptedScorer()
    async with running(settings(limits={"in_flight": 1}), scorer) as service, stub(service) as client:
        scorer.delay, scorer.begun = 0.5, asyncio.Event()
        first = client.Rerank(request(TITLES), timeout=5)
        await asyncio.wait_for(asyncio.shield(_begun(scorer, first)), 5)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.Rerank(request(TITLES), timeout=5)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert (await first).reranked
        scorer.delay = 0
        assert (await client.Rerank(request(TITLES), timeout=5)).reranked


async def _begun(scorer: ScriptedScorer, call: object) -> None:
    """Starts the call by waiting for its scoring."""
    task = asyncio.ensure_future(call)  # type: ignore[arg-type]
    await scorer.begun.wait()
    del task


async def test_a_caller_who_hangs_up_ends_the_scoring() -> None:
    scorer = ScriptedScorer()
    async with running(scorer=scorer) as service, stub(service) as client:
        scorer.delay, scorer.begun = 60, asyncio.Event()
        call = client.Rerank(request(TITLES), timeout=30)
        await asyncio.wait_for(_begun(scorer, call), 5)
        call.cancel()
        await asyncio.wait_for(scorer.cancelled.wait(), 5)
        scorer.delay = 0
        assert (await client.Rerank(request(TITLES), timeout=5)).reranked


async def test_the_answer_comes_before_the_callers_deadline() -> None:
    """A scorer that ignores its deadline is given up in time by what is around it: the caller's own."""
    scorer = ScriptedScorer()
    async with running(scorer=scorer) as service, stub(service) as client:
        scorer.delay = 60
        answer = await client.Rerank(request(TITLES, budget_ms=200), timeout=5)
    assert [skip.reason for skip in answer.skipped] == ["out_of_time"]
    assert [hit.rank for hit in answer.hits] == [1, 2, 3]


async def test_large_messages() -> None:
    long = "x" * 30_000
    async with running() as service, stub(service) as client:
        answer = await client.Rerank(request([long] * 1000), timeout=20)
        assert len(answer.hits) == 1000
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.Rerank(request([long + "x" * 5000] * 1000), timeout=20)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_health_follows_the_scorer() -> None:
    scorer = ScriptedScorer()
    scorer.error = ScorerUnavailable("not yet")
    status = health_pb2.HealthCheckResponse
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(running(scorer=scorer, ready=False))
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(service.grpc.address))
        health = health_pb2_grpc.HealthStub(channel)

        async def become(expected: int, name: str) -> None:
            async with asyncio.timeout(10):
                found = health.Watch(health_pb2.HealthCheckRequest(service=name))
                async for answer in found:
                    if answer.status == expected:
                        return

        for name in (SERVICE, ""):
            await become(status.NOT_SERVING, name)
        scorer.error = None
        for name in (SERVICE, ""):
            await become(status.SERVING, name)
        scorer.error = ScorerUnavailable("gone")
        for name in (SERVICE, ""):
            await become(status.NOT_SERVING, name)
        scorer.error = None
        await become(status.SERVING, SERVICE)


async def test_reflection_lists_the_service() -> None:
    async with running() as service, grpc.aio.insecure_channel(service.grpc.address) as channel:
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([asked]))
        answer = await call.read()
        assert SERVICE in {found.name for found in answer.list_services_response.service}
        call.cancel()


async def test_no_reflection_where_it_is_switched_off() -> None:
    async with (
        running(settings(grpc={"reflection": False})) as service,
        grpc.aio.insecure_channel(service.grpc.address) as channel,
    ):
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        call = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([asked]))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call.read()
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_port_that_is_taken_is_told() -> None:
    async with running() as service:
        port = int(service.grpc.address.rsplit(":", 1)[1])
        with pytest.raises(OSError, match=f"gRPC cannot listen on 127.0.0.1:{port}"):
            async with running(settings(grpc={"port": port})):
                pass


async def test_searches_in_flight_are_finished_at_the_end() -> None:
    scorer = ScriptedScorer()
    async with running(scorer=scorer) as service, stub(service) as client:
        scorer.delay, scorer.begun = 0.5, asyncio.Event()
        call = client.Rerank(request(TITLES), timeout=10)
        await asyncio.wait_for(_begun(scorer, call), 5)
        await service.stop()
        answer: wire.RerankResponse = await call
        assert answer.reranked
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.Rerank(request(TITLES), timeout=2)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        assert scorer.closed
