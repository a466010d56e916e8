"""`reshelf stack`, as people and scripts call it: up, status, stop, start, kill, pause, down, and no rest."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from sidecar.stack.loopback_http import answers_ok, call, call_json
from sidecar.stack.ports import is_free

pytestmark = pytest.mark.timeout(600)

MATCH_ALL = {"query": {"match_all": {}}}


class Stack:
    """One stack of its own, in a folder of its own, on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.where: dict[str, Any] = {}

    def reshelf(self, command: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "sidecar", "stack", command, *arguments, "--state", str(self.folder)],
            capture_output=True, text=True, timeout=500, check=False,
        )  # fmt: skip

    def up(self) -> "subprocess.CompletedProcess[str]":
        done = self.reshelf("up", "--scorer", "order", "--ports", "free", "--json")
        assert done.returncode == 0, done.stderr
        self.where = json.loads(done.stdout)
        return done

    def status(self) -> dict[str, Any]:
        return json.loads(self.reshelf("status", "--json").stdout)

    def states(self) -> dict[str, str]:
        return {name: service["state"] for name, service in self.status()["services"].items()}

    def pid(self, service: str) -> int:
        return self.status()["services"][service]["pid"]

    def search(self) -> int:
        return call("POST", f"{self.where['opensearch']}/_search", MATCH_ALL, timeout=10)[0]


def alive(pid: int) -> bool:
    """Whether it runs; one that is dead and waits to be reaped by the system's first process does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    found = Stack(tmp_path_factory.mktemp("stack"))
    try:
        found.first = found.up()
        yield found
    finally:
        found.reshelf("down")


def test_up_ends_with_one_line_of_json_and_all_of_it_answers(stack: Stack) -> None:
    assert stack.first.stdout.count("\n") == 1
    assert set(stack.where) == {"opensearch", "sidecar", "triton"}
    assert stack.where["triton"] is None
    assert answers_ok(f"{stack.where['opensearch']}/_cluster/health")
    assert answers_ok(f"{stack.where['sidecar']['http']}/health/ready")
    assert stack.first.stderr.count("done after") >= 4, "progress is told on stderr"


def test_the_plugin_was_told_by_the_settings_api_and_has_reached_the_sidecar(stack: Stack) -> None:
    settings = call_json("GET", f"{stack.where['opensearch']}/_cluster/settings?flat_settings=true")
    assert settings["persistent"]["reshelf.targets"] == [stack.where["sidecar"]["grpc"]]
    (plugin,) = stack.status()["services"]["opensearch"]["plugin"].values()
    assert plugin["available"]


def test_opensearch_does_not_run_as_root(stack: Stack) -> None:
    assert psutil.Process(stack.pid("opensearch")).uids().real != 0


def test_up_again_changes_nothing(stack: Stack) -> None:
    before = stack.status()["services"]["opensearch"]["pid"], stack.pid("sidecar"), stack.where
    again = stack.up()
    assert (stack.pid("opensearch"), stack.pid("sidecar"), stack.where) == before
    assert "up already" in again.stderr


def test_another_scorer_is_refused_while_it_is_up(stack: Stack) -> None:
    refused = stack.reshelf("up", "--scorer", "onnx")
    assert refused.returncode == 1
    assert "reshelf stack down" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_opensearch_answers_while_the_sidecar_is_stopped_and_it_comes_back_where_it_was(stack: Stack) -> None:
    assert stack.reshelf("stop", "sidecar").returncode == 0
    assert stack.states() == {"opensearch": "ready", "sidecar": "stopped"}
    assert stack.reshelf("status").returncode == 1
    assert stack.search() == 200
    assert stack.reshelf("start", "sidecar").returncode == 0
    assert answers_ok(f"{stack.where['sidecar']['http']}/health/ready")
    assert stack.reshelf("status").returncode == 0


def test_a_killed_one_is_shown_dead_and_up_brings_it_back(stack: Stack) -> None:
    pid = stack.pid("sidecar")
    assert stack.reshelf("kill", "sidecar").returncode == 0
    assert not alive(pid)
    assert stack.states()["sidecar"] == "dead"
    where = stack.where
    stack.up()
    assert stack.where == where
    assert stack.states() == {"opensearch": "ready", "sidecar": "ready"}


def test_a_paused_one_hangs_until_it_is_resumed(stack: Stack) -> None:
    assert stack.reshelf("pause", "sidecar").returncode == 0
    assert stack.states()["sidecar"] == "paused"
    assert not answers_ok(f"{stack.where['sidecar']['http']}/health/live", timeout=1)
    assert stack.reshelf("resume", "sidecar").returncode == 0
    assert answers_ok(f"{stack.where['sidecar']['http']}/health/live", timeout=30)


def test_data_outlives_a_restart_of_opensearch(stack: Stack) -> None:
    document = f"{stack.where['opensearch']}/kept/_doc/1"
    call_json("PUT", f"{document}?refresh=true", {"title": "a kettle"}, timeout=60)
    assert stack.reshelf("stop", "opensearch").returncode == 0
    assert stack.reshelf("start", "opensearch").returncode == 0
    assert call_json("GET", document)["_source"] == {"title": "a kettle"}


@pytest.mark.parametrize("command", ["stop", "start", "kill", "pause", "resume"])
def test_an_unknown_service_is_named_with_those_there_are(stack: Stack, command: str) -> None:
    refused = stack.reshelf(command, "nonsense")
    assert refused.returncode == 1
    assert "no service `nonsense`" in refused.stderr
    assert "opensearch" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_logs_are_shown(stack: Stack) -> None:
    shown = stack.reshelf("logs", "opensearch", "--lines", "1000")
    assert "loaded plugin [reshelf]" in shown.stdout


def test_a_start_after_a_crash_of_everything_cleans_up_first(stack: Stack) -> None:
    for service in ("opensearch", "sidecar"):
        os.kill(stack.pid(service), 9)
    assert set(stack.states().values()) == {"dead"}
    stack.up()
    assert set(stack.states().values()) == {"ready"}


def test_after_down_nothing_is_left_but_the_logs_and_what_is_known_of_shoppers(stack: Stack) -> None:
    pids = [stack.pid("opensearch"), stack.pid("sidecar")]
    home = Path(psutil.Process(pids[0]).cwd())
    addresses = (stack.where["opensearch"], stack.where["sidecar"]["http"])
    ports = [urlsplit(address).port for address in addresses]
    begin = time.monotonic()
    assert stack.reshelf("down").returncode == 0
    assert time.monotonic() - begin < 60
    assert not any(alive(pid) for pid in pids)
    assert all(is_free(port) for port in ports)
    assert not home.exists()
    (key,) = stack.folder.rglob("shopper.key")  # the next start knows the shoppers again
    shoppers = key.parent
    files = [path for path in stack.folder.rglob("*") if path.is_file() and shoppers not in path.parents]
    left = sorted(path.name for path in files if path.suffix != ".log")
    assert left == ["lock"]
    assert stack.status() == {"ready": False, "scorer": None, "endpoints": None, "services": {}}
    assert stack.reshelf("down").returncode == 0, "nothing to do is no error"
    assert "started" in stack.reshelf("logs", "opensearch").stdout


def test_a_start_that_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sidecar", "stack", "up", "--scorer", "order", "--ports", "free"]
    starting = subprocess.Popen(
        [*command, "--state", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    state = tmp_path / "stacks" / "default" / "state.json"
    until = time.monotonic() + 300
    while not state.exists() or len(json.loads(state.read_text())["services"]) < 2:
        assert starting.poll() is None, starting.stdout.read()
        assert time.monotonic() < until
        time.sleep(0.05)
    pids = [service["record"]["pid"] for service in json.loads(state.read_text())["services"].values()]
    homes = [Path(path) for s in json.loads(state.read_text())["services"].values() for path in s["owned"]]
    starting.terminate()
    output, _ = starting.communicate(timeout=120)
    assert starting.returncode != 0
    assert "Traceback" not in output
    assert not state.exists()
    assert not any(alive(pid) for pid in pids)
    assert homes
    assert not any(home.exists() for home in homes)
