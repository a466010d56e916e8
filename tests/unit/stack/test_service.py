"""A server's life: ready, stopped on purpose, dead, started again; its error tells the end of its log."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.stack import service as service_module
from sidecar.stack.errors import StackError
from sidecar.stack.ports import LOOPBACK, free_port
from sidecar.stack.service import DEAD, LIVE, NOT_READY, PAUSED, READY, STOPPED, Service


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Service]:
    """A real little server: Python's own, on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", LOOPBACK]
    found = Service("web", command, {}, tmp_path, tmp_path / "web.log", [f"http://{LOOPBACK}:{port}/"])
    yield found
    found.kill()


def test_from_start_to_stop_and_back(web: Service) -> None:
    assert web.state() == DEAD
    web.start()
    web.wait_ready(timeout=30)
    assert web.state() == READY
    first = web.record
    web.start()
    assert web.record == first, "a running one must not be started twice"
    web.stop()
    assert web.state() == STOPPED
    web.start()
    web.wait_ready(timeout=30)
    assert web.record != first
    web.kill()
    assert web.state() == DEAD


def test_paused(web: Service) -> None:
    web.start()
    web.wait_ready(timeout=30)
    web.pause()
    assert web.state() == PAUSED
    web.resume()
    web.wait_ready(timeout=30)
    assert web.state() == READY


def test_a_canary_that_fails_is_not_ready(web: Service) -> None:
    web.start()
    web.wait_ready(timeout=30)
    # Python's server answers a POST with 501, as a server whose model is gone would with an error.
    web.canary_url, web.canary_body = web.ready_urls[0], {"inputs": []}
    assert web.state() == NOT_READY


def test_the_canary_asks_whichever_model_the_alias_names(web: Service, tmp_path: Path) -> None:
    alias = tmp_path / "live.json"
    web.alias = str(alias)
    web.canary_url, web.canary_body = f"{web.ready_urls[0]}{LIVE}", None
    web.start()
    web.wait_ready(timeout=30)  # nothing is live yet: the server alone counts
    # Python's server answers 404 for files that are not there.
    alias.write_text('{"live": {"model": "v1", "fingerprint": "x@1"}}')
    assert web.state() == NOT_READY
    (web.folder / "v1").write_text("")
    assert web.state() == READY
    alias.write_text('{"live": {"model": "v2", "fingerprint": "x@2"}}')
    assert web.state() == NOT_READY
    alias.write_text("{")
    assert web.state() == NOT_READY


def test_what_is_written_down_can_be_taken_up_again(web: Service) -> None:
    web.start()
    web.wait_ready(timeout=30)
    again = Service.from_json(web.to_json())
    assert again == web
    again.stop()
    assert not web.is_running()


def test_one_that_ends_while_starting_shows_the_end_of_its_log(web: Service) -> None:
    web.command = [sys.executable, "-c", "raise SystemExit('the disk is full')"]
    web.start()
    with pytest.raises(StackError, match=r"(?s)web ended while starting.*the disk is full"):
        web.wait_ready(timeout=30)


def test_one_that_is_too_slow_says_how_long_was_waited(web: Service) -> None:
    web.command = [sys.executable, "-c", "import time; time.sleep(600)"]
    web.start()
    with pytest.raises(StackError, match="web was not ready within 0 s"):
        web.wait_ready(timeout=0.3)


def test_a_missing_program_is_named(web: Service) -> None:
    web.command = ["no-such-program"]
    with pytest.raises(StackError, match=r"web cannot be started.*no-such-program"):
        web.start()


def test_only_its_own_shared_memory_is_removed(
    web: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "SHARED_MEMORY", tmp_path)
    unique = "aff4d05d-b17e-401f-a0c7-267f0c0a61dc"
    ours = tmp_path / f"reshelf_8001{unique}"
    others = [tmp_path / f"reshelf_80012{unique}", tmp_path / "reshelf_8001", tmp_path / f"x{unique}"]
    for segment in (ours, *others):
        segment.touch()
    web.shared_memory = "reshelf_8001"
    web.start()
    web.kill()
    assert not ours.exists()
    assert all(segment.exists() for segment in others)
