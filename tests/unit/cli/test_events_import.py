"""`reshelf events import` against a sidecar's real HTTP listener."""

import asyncio
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sidecar.cli.main import app
from sidecar.cli.steps.event_sending import EventSender, SidecarError
from sidecar.config.sidecar import Http
from sidecar.server.http_edge import HttpEdge, http_app
from sidecar.stack.ports import free_port
from tests.fixtures.events import SAMPLE, WayIn, needs_sample, ubi, way_in


@contextmanager
def listening(
    folder: Path, token: str = "", **events: Any
) -> Iterator[tuple[str, WayIn, Callable[..., None]]]:
    """The address, the parts behind it, and a way to do something on its event loop."""
    ready: Future[tuple[str, WayIn, asyncio.AbstractEventLoop, HttpEdge]] = Future()

    async def serve() -> None:
        async with way_in(folder, **events) as where:
            routers = [where.edges.router]
            edge = HttpEdge(
                Http(port=0),
                http_app(Http(), token, None, where.metrics.registry, bool, routers),  # type: ignore[arg-type]
            )
            edge.open()
            ready.set_result((edge.address, where, asyncio.get_running_loop(), edge))
            await edge.serve()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    address, where, loop, edge = ready.result(20)
    try:
        yield address, where, loop.call_soon_threadsafe
    finally:
        loop.call_soon_threadsafe(edge.stop)
        thread.join(20)


def lines(folder: Path, *documents: Any) -> str:
    file = folder / "events.ndjson"
    file.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in documents))
    return str(file)


def run(*arguments: str, code: int = 0, **environment: str) -> str:
    result = CliRunner().invoke(app, ["events", "import", *arguments], env=environment)
    assert result.exit_code == code, result.output
    return result.stdout if not code else result.output


def test_a_file_and_the_same_again(tmp_path: Path) -> None:
    query = {"query_id": "q", "user_query": "shoes", "client_id": "c"}
    wrong = ubi(3, event_attributes={"position": {"ordinal": -5}})
    file = lines(tmp_path, ubi(1), query, ubi(2), "nonsense", wrong, ubi(4, consent=False))
    with listening(tmp_path / "state") as (address, where, _):
        found = json.loads(run(file, "--url", address, "--batch", "2", "--json"))
        assert {
            name: found[name] for name in ("files", "events", "queries", "accepted", "repeated", "refused")
        } == {
            "files": 1,
            "events": 5,
            "queries": 1,
            "accepted": 2,
            "repeated": 0,
            "refused": 2,
        }
        assert found["ignored"] == {"no_consent": 1}
        firsts = {reason["field"]: reason["first"] for reason in found["reasons"]}
        assert firsts == {"": f"{file}:4", "event_attributes.position.ordinal": f"{file}:5"}
        assert where.journal.last == 2
        again = run(file, "--url", address)
        assert "0 accepted, 2 known already" in again


def test_a_token(tmp_path: Path) -> None:
    token = "a token of the tests"
    file = lines(tmp_path, ubi(1))
    (tmp_path / "token").write_text(f"{token}\n")
    with listening(tmp_path / "state", token) as (address, _, _):
        assert "--token-file" in run(file, "--url", address, code=1)
        assert "1 accepted" in run(file, "--url", address, "--token-file", str(tmp_path / "token"))
        assert "1 known already" in run(file, "--url", address, RESHELF_HTTP__TOKEN=token)


def test_a_full_sidecar_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.feedback.journal.BEHIND_SECONDS", 1.0)
    said = []
    with listening(tmp_path / "state", journal={"events": 100}) as (address, where, soon):
        sender = EventSender(address)
        assert sender.send([ubi(number) for number in range(100)]).accepted == 100

        def waiting(why: str) -> None:
            said.append(why)
            soon(lambda: asyncio.ensure_future(where.journal.applied(100)))

        assert sender.send([ubi(200)], waiting).accepted == 1
        sender.close()
    assert said == ["the sidecar has no room"]


def test_a_batch_that_is_too_large_is_divided(tmp_path: Path) -> None:
    with listening(tmp_path / "state", max_events=10) as (address, where, _):
        sender = EventSender(address)
        wrong = {23: ubi(23, timestamp="never"), 44: ubi(44, client_id=[])}
        answer = sender.send([wrong.get(number) or ubi(number) for number in range(45)])
        sender.close()
        assert answer.accepted == where.journal.last == 43
        assert [one["index"] for one in answer.refused] == [23, 44]


def test_nobody_there(tmp_path: Path) -> None:
    sender = EventSender(f"http://127.0.0.1:{free_port()}", patience=0.3)
    with pytest.raises(SidecarError, match="reshelf serve"):
        sender.send([ubi(1)])


def test_what_is_told_of_wrong_arguments(tmp_path: Path) -> None:
    assert "no URL of a sidecar" in run(lines(tmp_path, ubi(1)), "--url", "nowhere", code=1)
    assert "No such file" in run(str(tmp_path / "missing"), "--url", "http://127.0.0.1:1", code=1)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"x" * 1000)[:-9])
    assert "gzip" in run(str(cut), "--url", "http://127.0.0.1:1", code=1)


@needs_sample
def test_the_real_sample(tmp_path: Path) -> None:
    with listening(tmp_path / "state", max_age_days=36_500) as (address, where, _):
        found = json.loads(run(str(SAMPLE), "--url", address, "--json"))
        assert (found["events"], found["queries"], found["refused"]) == (3448, 473, 0)
        assert found["accepted"] == where.journal.last > 3300
    with listening(tmp_path / "strict") as (address, _, _):
        strict = json.loads(run(str(SAMPLE), "--url", address, "--json"))
        assert strict["refused"] == 3448 or strict["accepted"]
        assert strict["reasons"][0]["field"] == "timestamp"
