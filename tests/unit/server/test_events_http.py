"""POST /v1/events."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import generate_latest

from sidecar.config.sidecar import Http
from sidecar.server.http_edge import http_app
from tests.fixtures.events import needs_sample, sample_events, ubi, way_in
from tests.unit.feedback.test_documents import VALUES

NOTHING: dict[str, Any] = {"accepted": 0, "repeated": 0, "ignored": {}, "refused": []}


def lines(*events: Any) -> bytes:
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in events).encode()


async def test_one_event_an_array_and_lines(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where, where.client() as client:
        for body, count in [
            (json.dumps(ubi(1)).encode(), 1),
            (json.dumps([ubi(2), ubi(3)], indent=1).encode(), 2),
            (lines(ubi(4), "", ubi(5), ubi(6)), 3),
            (b"\xef\xbb\xbf" + lines(ubi(7)), 1),
        ]:
            answer = await client.post("/v1/events", content=body)
            assert answer.status_code == 200
            assert answer.json() == {**NOTHING, "accepted": count}
        assert where.journal.last == 7


async def test_each_event_is_on_disk_and_told_apart(tmp_path: Path) -> None:
    events = [ubi(1), ubi(1) | {"event_attributes": {"position": {"ordinal": 10**9}}}, "{broken", 3, ubi(2)]
    async with way_in(tmp_path) as where, where.client() as client:
        answer = await client.post("/v1/events", content=lines(*events))
        assert answer.status_code == 207
        found = answer.json()
        assert found["accepted"] == 2
        assert [(one["index"], one["field"]) for one in found["refused"]] == [
            (1, "event_attributes.position.ordinal"),
            (2, ""),
            (3, ""),
        ]
        assert "1000000000 is not from 0 to 10000" in found["refused"][0]["reason"]
        assert "not JSON" in found["refused"][1]["reason"]
        assert [event.object_id for _, event in await where.journal.read(0, 9)] == ["item-1", "item-2"]


@pytest.mark.parametrize("body", [b"", b"[]", b"  \n", b"nonsense", b"{", b"[[[", b"3 4", b"\xff\xfe"])
async def test_nothing_to_read(tmp_path: Path, body: bytes) -> None:
    async with way_in(tmp_path) as where, where.client() as client:
        answer = await client.post("/v1/events", content=body)
        assert answer.status_code == 400
        assert answer.json()["error"] == "bad_request"
        assert answer.json()["message"].startswith("body: ")


async def test_a_broken_character_concerns_its_own_event(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where, where.client() as client:
        bad = json.dumps(ubi(1, client_id="Zoe")).encode().replace(b"Zoe", b"Zo\xeb")
        answer = await client.post("/v1/events", content=bad + b"\n" + lines(ubi(2)))
        assert answer.json() == {
            **NOTHING,
            "accepted": 1,
            "refused": [{"index": 0, "field": "client_id", "reason": "is not valid Unicode"}],
        }


async def test_limits(tmp_path: Path) -> None:
    async with (
        way_in(tmp_path, max_events=10, max_body_mib=1, max_event_kib=2) as where,
        where.client() as client,
    ):
        answer = await client.post("/v1/events", json=[ubi(number) for number in range(11)])
        assert answer.status_code == 413
        assert answer.json()["message"] == "events: more than 10 in one request; nothing was taken"
        answer = await client.post("/v1/events", content=b" " * (1024 * 1024 + 1))
        assert answer.status_code == 413
        answer = await client.post("/v1/events", json=[ubi(1, huge="x" * 3000), ubi(2)])
        assert answer.status_code == 207
        assert answer.json()["accepted"] == 1
        assert answer.json()["refused"][0]["reason"] == "the event has more than 2 KiB"
        assert where.journal.last == 1


async def test_gzip(tmp_path: Path) -> None:
    async with way_in(tmp_path, max_body_mib=1) as where, where.client() as client:

        async def send(body: bytes, encoding: str = "gzip") -> httpx.Response:
            return await client.post("/v1/events", content=body, headers={"content-encoding": encoding})

        assert (await send(gzip.compress(lines(ubi(1), ubi(2))))).json()["accepted"] == 2
        assert (await send(lines(ubi(3)), "identity")).json()["accepted"] == 1
        bomb = await send(gzip.compress(b" " * 100 * 1024 * 1024))
        assert bomb.status_code == 413
        assert "when it is unpacked" in bomb.json()["message"]
        whole = gzip.compress(lines(ubi(4)))
        for body in (b"no gzip", whole[:-5], whole + b"more", b""):
            assert (await send(body)).status_code == 400
        assert "send gzip" in (await send(lines(ubi(4)), "br")).json()["message"]
        assert where.journal.last == 3


async def test_no_room_is_answered(tmp_path: Path) -> None:
    async with way_in(tmp_path, journal={"events": 100}) as where, where.client() as client:
        assert (
            await client.post("/v1/events", json=[ubi(number) for number in range(100)])
        ).status_code == 200
        answer = await client.post("/v1/events", json=ubi(200))
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["error"] == "no_room"
        assert where.journal.last == 100
        await where.journal.applied(50)
        assert (await client.post("/v1/events", json=ubi(200))).status_code == 200
        sample = where.metrics.registry.get_sample_value
        assert sample("reshelf_event_requests_total", {"edge": "http", "outcome": "no_room"}) == 1


async def test_a_journal_that_cannot_be_written(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where, where.client() as client:
        await where.journal.close()
        answer = await client.post("/v1/events", json=ubi(1))
        assert answer.status_code == 503
        assert str(tmp_path) not in answer.text


async def test_an_unknown_fault_answers_no_details(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with way_in(tmp_path) as where, where.client() as client:
        monkeypatch.setattr(where.intake, "take", lambda *_, **__: 1 / 0)
        answer = await client.post("/v1/events", json=ubi(1))
        assert answer.status_code == 500
        assert "division" not in answer.text


async def test_nobody_is_named_in_answers_logs_and_metrics(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")
    who = {
        "client_id": "Jane Roe-client",
        "user_id": "Jane Roe-user",
        "session_id": "Jane Roe-visit",
        "query_id": "Jane Roe-query",
    }
    told = {**who, "user_query": "Jane Roe words", "event_id": "Jane Roe-event"}
    wrong = [{name: ["Jane Roe"]} for name in told] + [{name: "Jane Roe" * 99} for name in who]
    async with way_in(tmp_path) as where, where.client() as client:
        answer = await client.post(
            "/v1/events", json=[ubi(1, **told), *(ubi(1, **{**told, **one}) for one in wrong)]
        )
        assert answer.json()["accepted"] >= 1
        assert len(answer.json()["refused"]) >= len(wrong) - 1
        with monkeypatch.context() as patch:
            patch.setattr(where.journal._file, "write", lambda *_: 1 / 0)
            failed = await client.post("/v1/events", json=ubi(2, **told))
        assert failed.status_code == 503
        figures = generate_latest(where.metrics.registry).decode()
    assert "Jane Roe" not in answer.text + failed.text + caplog.text + figures


async def test_the_shops_own_people(tmp_path: Path) -> None:
    async with way_in(tmp_path, ignored={"networks": ["10.0.0.0/8"]}) as where:
        async with where.client("10.1.1.1") as inside:
            assert (await inside.post("/v1/events", json=ubi(1))).json()["ignored"] == {"internal": 1}
        async with where.client("11.1.1.1") as outside:
            marked = await outside.post("/v1/events", json=ubi(1), headers={"x-reshelf-internal": "1"})
            assert marked.json()["ignored"] == {"internal": 1}
            assert (await outside.post("/v1/events", json=ubi(1))).json()["accepted"] == 1


async def test_whatever_is_sent_is_answered(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where, where.client() as client:
        # One way in for all examples: the test would otherwise measure how fast files are made.
        loop = asyncio.get_running_loop()

        @given(
            st.lists(VALUES | st.dictionaries(st.sampled_from(list(ubi())), VALUES), max_size=4),
            st.text(max_size=9),
        )
        @settings(max_examples=100, deadline=None)
        def send(documents: list[Any], rest: str) -> None:
            body = lines(*documents) + b"\n" + rest.encode("utf-8", "surrogatepass")
            answer = asyncio.run_coroutine_threadsafe(client.post("/v1/events", content=body), loop).result(
                30
            )
            assert answer.status_code in (200, 207, 400), answer.text
            if answer.status_code != 400:
                found = answer.json()
                assert sum(found["ignored"].values(), found["accepted"] + found["repeated"]) + len(
                    found["refused"]
                )

        await asyncio.to_thread(send)


async def test_many_senders_at_once(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where, where.client() as client:
        answers = await asyncio.gather(
            *(
                client.post("/v1/events", json=[ubi(5 * sender + one) for one in range(5)])
                for sender in range(100)
            )
        )
        assert sum(answer.json()["accepted"] for answer in answers) == 500
        assert where.journal.last == 500


async def test_the_token_is_asked_for(tmp_path: Path) -> None:
    async with way_in(tmp_path) as where:
        token = "a token of the tests"
        app = http_app(Http(), token, None, where.metrics.registry, bool, [where.edges.router])  # type: ignore[arg-type]
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sidecar") as client:
            assert (await client.post("/v1/events", json=ubi(1))).status_code == 401
            with_token = {"authorization": f"Bearer {token}"}
            assert (await client.post("/v1/events", json=ubi(1), headers=with_token)).status_code == 200
            described = (await client.get("/openapi.json")).json()["paths"]["/v1/events"]["post"]
    assert {"200", "207", "400", "413", "429", "503"} <= set(described["responses"])
    assert "application/x-ndjson" in described["requestBody"]["content"]


@needs_sample
async def test_the_real_sample_as_lines(tmp_path: Path) -> None:
    events = list(sample_events())
    async with way_in(tmp_path, max_age_days=36_500, max_events=5000) as where, where.client() as client:
        answer = await client.post("/v1/events", content=lines(*events))
        found = answer.json()
    assert answer.status_code == 200
    assert found["accepted"] + found["repeated"] + sum(found["ignored"].values()) == len(events)
