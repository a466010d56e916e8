"""The parts that know shoppers, when something is wrong with them: searches go on."""

import asyncio
import logging
from pathlib import Path

import httpx
import pytest

from sidecar import shopper_parts
from sidecar.app import build, check
from sidecar.config.errors import ConfigurationError
from sidecar.feedback.apply import Applier
from sidecar.served.writer import ServedWriter
from sidecar.server import service
from tests.fixtures.service import running, settings

BODY = {
    "query": {"text": "red shoes"},
    "candidates": [{"id": "a", "score": 2}, {"id": "b", "score": 1}],
    "shopper": {"client_id": "c"},
}
EVENT = {"action_name": "click", "client_id": "c", "timestamp": 1_793_527_200_000, "event_id": "e-1"}


async def test_a_part_that_fails_is_started_again_and_health_does_not_care(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runs = 0

    async def broken(_: Applier) -> None:
        nonlocal runs
        runs += 1
        raise RuntimeError("a bug")

    monkeypatch.setattr(Applier, "run", broken)
    monkeypatch.setattr(shopper_parts, "FIRST_PAUSE", 0.01)
    async with running(settings()) as started, httpx.AsyncClient(base_url=started.http.address) as client:
        await asyncio.sleep(0.1)
        assert (await client.get("/health/ready")).status_code == 200
        assert (await client.post("/v1/rerank", json=BODY)).status_code == 200
        assert (await client.post("/v1/events", json=EVENT)).json()["accepted"] == 1
    assert runs > 1
    assert "applying events failed" in caplog.text


async def test_a_part_that_loses_its_cancellation_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = 0

    async def deaf(_: Applier) -> None:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended += 1
        await asyncio.Event().wait()  # as after a `wait_for` of Python 3.11

    monkeypatch.setattr(Applier, "run", deaf)
    monkeypatch.setattr(service, "AGAIN_SECONDS", 0.05)
    async with asyncio.timeout(10), running(settings()):
        await asyncio.sleep(0.05)
    assert ended == 1


async def test_a_part_that_cannot_be_closed_does_not_keep_the_others_open(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    async def broken(_: ServedWriter) -> None:
        raise RuntimeError("a bug")

    kept = settings(state_folder=tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(ServedWriter, "close", broken)
        with caplog.at_level(logging.ERROR):
            async with running(kept):
                pass
    assert "closing failed" in caplog.text
    async with running(kept):  # the journal was given back
        pass


async def test_what_was_accepted_and_not_applied_is_applied_after_the_next_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = settings(state_folder=tmp_path, store={"kind": "sqlite"})

    async def nothing(_: Applier) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(Applier, "run", nothing)
        async with running(kept) as started, httpx.AsyncClient(base_url=started.http.address) as client:
            assert (await client.post("/v1/events", json=EVENT)).json()["accepted"] == 1
    async with running(kept) as started, httpx.AsyncClient(base_url=started.http.address) as client:
        for _ in range(100):
            metrics = (await client.get("/metrics")).text
            if 'reshelf_events_applied_total{outcome="applied"} 1.0' in metrics:
                break
            await asyncio.sleep(0.05)
        assert (await client.post("/v1/events", json=EVENT)).json()["repeated"] == 1
        applied = [line for line in metrics.splitlines() if "applied" in line and not line.startswith("#")]
    assert any(line.endswith(" 1.0") for line in applied), applied


async def test_two_sidecars_cannot_share_a_state_folder(tmp_path: Path) -> None:
    async with running(settings(state_folder=tmp_path)):
        second = build(settings(state_folder=tmp_path))
        with pytest.raises(OSError, match="journal"):
            await second.start()
        await second.stop()


async def test_a_folder_that_cannot_be_written_is_named_before_the_start(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("")
    with pytest.raises(ConfigurationError, match="state_folder"):
        await check(settings(state_folder=file / "below"))
