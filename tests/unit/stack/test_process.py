"""Only our own processes are signalled, and none of them is left."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sidecar.stack import process
from sidecar.stack.process import ProcessRecord

# A parent with a child; `{}` is what the parent does about SIGTERM.
FAMILY = """
import signal, subprocess, sys, time
{}
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""
IGNORES = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "some.log"


@pytest.fixture
def family(log: Path, request: pytest.FixtureRequest) -> Iterator[ProcessRecord]:
    """A running parent and its child, started by the code under test."""
    script = FAMILY.format(getattr(request, "param", ""))
    record = process.spawn([sys.executable, "-c", script], log=log, environment={}, folder=log.parents[1])
    try:
        until(lambda: log.exists() and log.read_text().endswith("\n"))
        yield record
    finally:
        process.kill(record)


def until(condition, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def child_of(log: Path) -> psutil.Process:
    return psutil.Process(int(log.read_text()))


def gone(child: psutil.Process) -> bool:
    return not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_it_runs_in_a_session_of_its_own_with_its_environment(tmp_path: Path, log: Path) -> None:
    script = "import os; print(os.getsid(0) == os.getpid(), os.environ['COLOUR'], os.getcwd())"
    record = process.spawn(
        [sys.executable, "-c", script], log=log, environment={"COLOUR": "red"}, folder=tmp_path
    )
    until(lambda: not process.is_running(record))
    assert log.read_text().split() == ["True", "red", str(tmp_path)]
    assert process.members(record) == []


def test_stop_ends_the_child_too(family: ProcessRecord, log: Path) -> None:
    child = child_of(log)
    assert [one.pid for one in process.members(family)] == [family.pid, child.pid]
    process.stop(family, grace=10)
    assert not process.is_running(family)
    assert gone(child)


@pytest.mark.parametrize("family", [IGNORES], indirect=True)
def test_what_ignores_the_polite_request_is_killed_after_its_grace(family: ProcessRecord, log: Path) -> None:
    begin = time.monotonic()
    process.stop(family, grace=0.5)
    assert 0.5 <= time.monotonic() - begin < 15
    assert process.members(family) == []
    assert gone(child_of(log))


def test_orphans_of_a_crashed_leader_are_found_and_killed(family: ProcessRecord, log: Path) -> None:
    child = child_of(log)
    psutil.Process(family.pid).kill()
    until(lambda: not process.is_running(family))
    assert [one.pid for one in process.members(family)] == [child.pid]
    process.kill(family)
    assert gone(child)


def test_a_paused_one_is_seen_and_can_be_stopped(family: ProcessRecord) -> None:
    process.signal_all(family, signal.SIGSTOP)
    until(lambda: process.is_paused(family))
    process.stop(family, grace=10)
    assert not process.is_running(family)


def test_a_stranger_with_the_same_number_is_left_alone() -> None:
    # A process group of somebody else's under the pid that we wrote down long ago.
    stranger = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    try:
        ours = ProcessRecord(stranger.pid, "another boot:1", "0123456789abcdef")
        assert not process.is_running(ours)
        assert process.members(ours) == []
        process.stop(ours, grace=0.2)
        process.kill(ours)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_start_is_part_of_the_identity(family: ProcessRecord) -> None:
    assert process.is_running(family)
    assert not process.is_running(replace(family, started=family.started + "0"))


def test_a_program_that_does_not_exist(tmp_path: Path, log: Path) -> None:
    with pytest.raises(OSError, match="no-such-program"):
        process.spawn(["no-such-program"], log=log, environment={}, folder=tmp_path)
