"""The HTTP listener with real requests."""

import asyncio
import socket

import httpx
import pytest

from sidecar.ranking.relevance.scorer import ScorerUnavailable
from tests.fixtures.scorers import ScriptedScorer
from tests.fixtures.service import running, settings

BODY = {
    "query": {"text": "red shoes"},
    "candidates": [
        {"id": "a", "score": 2, "fields": {"title": {"texts": ["blue hat"]}}},
        {"id": "b", "score": 1, "fields": {"title": {"texts": ["green sofa"]}}},
        {"id": "c", "fields": {"title": {"texts": ["red shoes"]}}},
    ],
}
TOKEN = "a token of the tests"


async def test_a_search() -> None:
    async with running(scorer=ScriptedScorer()) as service, httpx.AsyncClient() as client:
        answer = await client.post(f"{service.http.address}/v1/rerank", json=BODY)
    assert answer.status_code == 200
    found = answer.json()
    assert [hit["id"] for hit in found["hits"]] == ["c", "a", "b"]
    assert found["reranked"]
    assert found["query_id"]


async def test_what_is_wrong_is_named() -> None:
    async with running() as service, httpx.AsyncClient(base_url=service.http.address) as client:
        for body, words in [
            ({"queri": {}}, "queri: unknown field"),
            ({"candidates": [{"id": ""}]}, "candidates[0].id: must be"),
            ({"budgetMs": 70_000}, "budget_ms: 70000 is above the limit"),
        ]:
            answer = await client.post("/v1/rerank", json=body)
            assert answer.status_code == 400
            assert answer.json()["error"] == "bad_request"
            assert answer.json()["message"].startswith(words)


async def test_a_body_beyond_the_limit_told_or_not() -> None:
    configured = settings(http={"max_body_mib": 1})
    big = b" " * (2 * 1024 * 1024)

    async def in_parts():  # type: ignore[no-untyped-def]
        yield big[: len(big) // 2]
        yield big

    async with running(configured) as service, httpx.AsyncClient(base_url=service.http.address) as client:
        for content in (big, in_parts()):
            answer = await client.post("/v1/rerank", content=content)
            assert answer.status_code == 413
            assert "limit of 1048576 bytes" in answer.json()["message"]


async def test_an_unknown_error_answers_no_details(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as service, httpx.AsyncClient(base_url=service.http.address) as client:
        monkeypatch.setattr("sidecar.server.conversion._by_rank", lambda _: 1 / 0)
        answer = await client.post("/v1/rerank", json=BODY)
    assert answer.status_code == 500
    assert "division" not in answer.text


async def test_a_token() -> None:
    async with (
        running(settings(http={"token": TOKEN})) as service,
        httpx.AsyncClient(base_url=service.http.address) as client,
    ):
        for path, method in [("/v1/rerank", "POST"), ("/metrics", "GET")]:
            for given in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
                answer = await client.request(method, path, json=BODY, headers=given)
                assert answer.status_code == 401
                assert answer.headers["www-authenticate"] == "Bearer"
            right = {"authorization": f"Bearer {TOKEN}"}
            assert (await client.request(method, path, json=BODY, headers=right)).status_code == 200
        for path in ("/health/live", "/health/ready", "/openapi.json", "/docs"):
            assert (await client.get(path)).status_code == 200


async def test_health() -> None:
    scorer = ScriptedScorer()
    scorer.error = ScorerUnavailable("not yet")
    async with (
        running(scorer=scorer, ready=False) as service,
        httpx.AsyncClient(base_url=service.http.address) as client,
    ):
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
        answer = await client.post("/v1/rerank", json=BODY)
        assert answer.status_code == 200
        assert answer.json()["skipped"] == [
            {"stage": "relevance", "reason": "scorer_unavailable", "candidates": 0}
        ]
        assert [hit["id"] for hit in answer.json()["hits"]] == ["a", "b", "c"]
        scorer.error = None
        await asyncio.wait_for(service.wait_until_ready(), 5)
        assert (await client.get("/health/ready")).status_code == 200


async def test_metrics() -> None:
    async with (
        running(scorer=ScriptedScorer()) as service,
        httpx.AsyncClient(base_url=service.http.address) as client,
    ):
        await client.post("/v1/rerank", json=BODY)
        await client.post("/v1/rerank", json=BODY)
        await client.post("/v1/rerank", json={**BODY, "query": {"text": "top secret words"}})
        await client.post("/v1/rerank", json={"candidates": 5})
        page = (await client.get("/metrics")).text
    assert 'reshelf_requests_total{edge="http",outcome="ok"} 3.0' in page
    assert 'reshelf_requests_total{edge="http",outcome="bad_request"} 1.0' in page
    assert 'reshelf_stage_seconds_count{stage="total"} 4.0' in page
    assert "reshelf_vector_cache_hits_total 7.0" in page
    assert "reshelf_in_flight 0.0" in page
    assert "reshelf_scorer_usable 1.0" in page
    assert "secret" not in page


async def test_the_page_works_without_the_internet() -> None:
    async with running() as service, httpx.AsyncClient(base_url=service.http.address) as client:
        page = (await client.get("/docs")).text
        assert "https://" not in page
        assert (await client.get("/static-offline-docs/swagger-ui-bundle.js")).status_code == 200
        described = (await client.get("/openapi.json")).json()
    operation = described["paths"]["/v1/rerank"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert "budget_ms" in schema["properties"]
    assert "RerankResponse" in described["components"]["schemas"]


async def test_a_caller_who_hangs_up_ends_the_scoring() -> None:
    scorer = ScriptedScorer()
    async with running(scorer=scorer) as service:
        scorer.delay, scorer.begun = 60, asyncio.Event()
        async with httpx.AsyncClient(base_url=service.http.address) as client:
            task = asyncio.create_task(client.post("/v1/rerank", json={**BODY, "budget_ms": 60_000}))
            await asyncio.wait_for(scorer.begun.wait(), 5)
            task.cancel()
        await asyncio.wait_for(scorer.cancelled.wait(), 5)


async def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"HTTP cannot listen on 127.0.0.1:{port}"):
            async with running(settings(http={"port": port})):
                pass
