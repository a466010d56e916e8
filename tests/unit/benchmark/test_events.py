"""What happens in the middle of a run."""

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from sidecar.benchmark.load.events import KILL, STUB, Event, kill_model, parse_event, run_event


def test_an_event_is_a_second_and_a_command() -> None:
    event = parse_event("20 reshelf model promote --json")
    assert (event.at, event.what) == (20.0, "reshelf model promote --json")


@pytest.mark.parametrize("text", ["reshelf model promote", "20", "-1 true", ""])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="20 reshelf model promote"):
        parse_event(text)


async def test_the_command_runs_at_its_second_and_finds_the_servers(tmp_path: Path) -> None:
    script = "import os, sys; print(os.environ['RESHELF_BENCH_TRITON']); sys.exit(3)"
    event = Event(0.0, f'{sys.executable} -c "{script}"')
    await run_event(event, time.monotonic(), {"RESHELF_BENCH_TRITON": "127.0.0.1:1"}, lambda: None)
    assert event.status == 3
    assert event.told.strip() == "127.0.0.1:1"
    assert event.took is not None


async def test_killing_is_done_by_the_bench_itself() -> None:
    killed: list[bool] = []
    event = Event(0.0, KILL)
    await run_event(event, time.monotonic(), {}, lambda: killed.append(True))
    assert killed == [True]
    assert event.status == 0


def names_of_living_children(pid: int) -> list[str]:
    names = []
    for child in psutil.Process(pid).children():
        # One that dies has no command line, and may be gone by the next look.
        with suppress(psutil.NoSuchProcess):
            if child.status() != psutil.STATUS_ZOMBIE and (line := child.cmdline()):
                names.append(line[-1])
    return names


def test_only_the_models_process_is_killed() -> None:
    sleep = "import time; time.sleep(60)"
    spawn = (
        "import subprocess, sys, time\n"
        f"for name in ({STUB!r}, 'other'): subprocess.Popen([sys.executable, '-c', {sleep!r}, name])\n"
        "print('started', flush=True)\n"
        "time.sleep(60)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", spawn], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        kill_model(server.pid)
        # A process that was sent the signal may be seen for a moment yet.
        end = time.monotonic() + 10
        while (alive := names_of_living_children(server.pid)) != ["other"] and time.monotonic() < end:
            time.sleep(0.02)
        assert alive == ["other"]
    finally:
        for child in psutil.Process(server.pid).children():
            child.kill()
        server.kill()
        server.communicate()
