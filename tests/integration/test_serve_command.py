"""`reshelf serve` as operators run it: a process, its lines, its signals and its exit code."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from tritonclient.grpc.service_pb2 import ModelInferResponse

from sidecar.stack.ports import free_port
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire
from sidecar.wire.reshelf.v1.rerank_pb2_grpc import RerankerStub
from tests.fixtures.fake_triton import Call, FakeTriton, answer
from tests.fixtures.service import request

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "plugin_config" / "profiles"
READY = re.compile(r"ready: gRPC (?P<grpc>\S+), HTTP (?P<http>\S+), scorer (?P<scorer>\w+)")
ORDER = {"RESHELF_SCORER__KIND": "order"}
FREE = {"RESHELF_GRPC__PORT": "0", "RESHELF_HTTP__PORT": "0"}

JSON_LOGS = {"RESHELF_LOGGING__FORMAT": "json", "RESHELF_LOGGING__LEVEL": "debug"}

Process = subprocess.Popen[str]
Started = Callable[..., Process]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Started]:
    """Starts `reshelf serve` with a file and variables; ends what is left at the end."""
    started: list[Process] = []

    def start(
        text: str = "", *options: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        file = tmp_path / "sidecar.yml"
        file.write_text(f"profiles: {{folder: {PROFILES}}}\n{text}")
        environment = {key: value for key, value in os.environ.items() if not key.startswith("RESHELF_")}
        # A state folder has one sidecar.
        environment["RESHELF_STATE_FOLDER"] = str(tmp_path / f"state-{len(started)}")
        process = subprocess.Popen(
            [sys.executable, "-m", "sidecar", "serve", "--config", str(file), *options],
            env={**environment, **(variables or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def ready_line(process: Process) -> Mapping[str, str]:
    assert process.stdout is not None
    line = process.stdout.readline()
    found = READY.search(line)
    assert found, line or process.communicate(timeout=5)[1]
    return found.groupdict()


@contextmanager
def client(address: str) -> Iterator[RerankerStub]:
    with grpc.insecure_channel(address) as channel:
        yield RerankerStub(channel)


def test_it_serves_and_ends_with_sigterm(serve: Started) -> None:
    process = serve(variables={**ORDER, **FREE})
    told = ready_line(process)
    assert told["scorer"] == "order"
    with client(told["grpc"]) as stub:
        assert stub.Rerank(request(["a", "b"]), timeout=5).reranked
    ready = httpx.get(f"{told['http']}/health/ready").json()
    assert ready["status"] == "ready"
    assert ready["rules"] == "", "none are published"
    assert "9200" not in str(ready), "anybody may ask: no addresses"
    process.send_signal(signal.SIGTERM)
    out, errors = process.communicate(timeout=15)
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in errors


def test_ctrl_c_ends_it_as_well(serve: Started) -> None:
    process = serve(variables={**ORDER, **FREE})
    ready_line(process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=15)
    assert process.returncode == 0
    assert "Traceback" not in errors


@pytest.mark.parametrize("signals", [1, 2])
async def test_a_search_in_flight_is_answered_before_the_end(serve: Started, signals: int) -> None:
    """Unless a second signal says that nobody wants to wait."""

    async def slow(_: FakeTriton, call: Call, __: object) -> ModelInferResponse:
        if len(call[1]) > 1:  # not the canary
            await asyncio.sleep(2)
        return answer([0.5] * len(call[1]))

    async with FakeTriton(slow) as triton:
        process = serve(
            variables={
                **FREE,
                "RESHELF_SCORER__TRITON__ADDRESS": triton.address,
                "RESHELF_PROFILES__DEFAULT": "cross-encoder",  # one call of the model
            }
        )
        told = await asyncio.to_thread(ready_line, process)
        triton.called.clear()
        async with grpc.aio.insecure_channel(told["grpc"]) as channel:
            call = RerankerStub(channel).Rerank(request(["a", "b"], budget_ms=10_000), timeout=15)
            search = asyncio.ensure_future(_outcome(call))
            await asyncio.wait_for(triton.called.wait(), 10)
            process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
            if signals == 2:
                process.send_signal(signal.SIGTERM)
            outcome = await search
        assert await asyncio.to_thread(process.wait, 15) == 0
    if signals == 1:
        assert isinstance(outcome, wire.RerankResponse)
        assert outcome.reranked
    else:
        assert outcome is grpc.StatusCode.UNAVAILABLE or outcome is grpc.StatusCode.CANCELLED


async def _outcome(call: Any) -> Any:
    """The answer, or the status of the refusal."""
    try:
        return await call
    except grpc.aio.AioRpcError as error:
        return error.code()


def test_while_triton_is_not_there_searches_keep_their_order_at_once(serve: Started) -> None:
    grpc_port, http_port = free_port(), free_port()
    process = serve(
        variables={
            "RESHELF_GRPC__PORT": str(grpc_port),
            "RESHELF_HTTP__PORT": str(http_port),
            "RESHELF_SCORER__TRITON__ADDRESS": f"127.0.0.1:{free_port({grpc_port, http_port})}",
        }
    )
    with client(f"127.0.0.1:{grpc_port}") as stub:
        answer = stub.Rerank(request(["a", "b", "c"]), timeout=30, wait_for_ready=True)
        took = []
        for _ in range(50):
            started = time.perf_counter()
            answer = stub.Rerank(request(["a", "b", "c"]), timeout=5)
            took.append(time.perf_counter() - started)
    assert [hit.rank for hit in answer.hits] == [1, 2, 3]
    assert [(skip.stage, skip.reason) for skip in answer.skipped] == [("relevance", "scorer_unavailable")]
    assert not answer.reranked
    assert sorted(took)[25] < 0.05
    assert httpx.get(f"http://127.0.0.1:{http_port}/health/ready").status_code == 503
    assert httpx.get(f"http://127.0.0.1:{http_port}/health/live").status_code == 200
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=15)
    assert process.returncode == 0


def test_check_says_fine_or_what_to_mend(serve: Started) -> None:
    process = serve("", "--check", variables=ORDER)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "fine" in out
    process = serve("profiels: {}", "--check")
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "Did you mean `profiles`?" in errors
    assert "Traceback" not in errors


WRONG = {
    "insecure_listen": {"RESHELF_GRPC__HOST": "0.0.0.0"},
    "no profiles": {"RESHELF_PROFILES__FOLDER": "/nowhere/at/all"},
    "no profile `typo`": {"RESHELF_PROFILES__DEFAULT": "typo"},
    "scorer.onnx.folder": {"RESHELF_SCORER__KIND": "onnx", "RESHELF_SCORER__ONNX__FOLDER": "/nowhere"},
}


@pytest.mark.parametrize("words", WRONG)
def test_what_cannot_work_does_not_start(serve: Started, words: str) -> None:
    process = serve(variables={**FREE, **WRONG[words]})
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert words in errors
    assert "Traceback" not in errors


def test_a_port_that_is_taken(serve: Started) -> None:
    first = serve(variables={**ORDER, **FREE})
    port = ready_line(first)["grpc"].rsplit(":", 1)[1]
    second = serve(variables={**ORDER, **FREE, "RESHELF_GRPC__PORT": port})
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in errors
    assert "Traceback" not in errors


def test_logs_as_json_without_the_shoppers_words(serve: Started) -> None:
    process = serve(variables={**ORDER, **FREE, **JSON_LOGS})
    lines: list[str] = []
    assert process.stderr is not None
    reader = threading.Thread(target=lambda: lines.extend(process.stderr or []), daemon=True)
    reader.start()
    told = ready_line(process)
    with client(told["grpc"]) as stub:
        stub.Rerank(
            request(["a"], query="confidential words", shopper=wire.Shopper(user_id="u-4711")), timeout=5
        )
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=15)
    reader.join(timeout=5)
    assert lines
    assert {"time", "level", "logger", "message"} <= set(json.loads(lines[-1]))
    assert "confidential" not in "".join(lines)
    assert "4711" not in "".join(lines)
