"""What a stack is made of survives the command that started it; two commands do not meet."""

import json
from pathlib import Path

import pytest

from sidecar.stack.endpoints import endpoints, wanted_ports
from sidecar.stack.errors import StackError
from sidecar.stack.process import ProcessRecord
from sidecar.stack.service import Service
from sidecar.stack.state import StackState, load_state, locked, state_file
from sidecar.stack.stop import stop_stack


@pytest.fixture
def state(tmp_path: Path) -> StackState:
    service = Service(
        "sidecar",
        ["reshelf", "serve"],
        {"RESHELF_SCORER__KIND": "order"},
        tmp_path,
        tmp_path / "logs" / "sidecar.log",
        ["http://127.0.0.1:8080/health/ready"],
        record=ProcessRecord(2**22 + 1, "no such boot:1", "mark"),
        owned=[tmp_path / "node"],
    )
    return StackState(tmp_path, "order", wanted_ports("order"), "digest", {"sidecar": service})


def test_it_comes_back_as_it_was_written(state: StackState) -> None:
    state.save()
    assert load_state(state.folder) == state


def test_no_stack(tmp_path: Path) -> None:
    assert load_state(tmp_path) is None
    assert stop_stack(tmp_path) == []


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 99}'])
def test_a_file_that_is_not_ours_is_not_guessed_at(tmp_path: Path, content: str) -> None:
    state_file(tmp_path).write_text(content)
    with pytest.raises(StackError, match=r"state\.json.*by hand"):
        load_state(tmp_path)


def test_down_removes_what_was_owned_and_keeps_the_logs(state: StackState) -> None:
    log = state.services["sidecar"].log
    log.parent.mkdir()
    log.write_text("said\n")
    node = state.folder / "node"
    node.mkdir()
    (node / "data").touch()
    state.save()
    assert stop_stack(state.folder) == [], "nothing ran"
    assert load_state(state.folder) is None
    assert not node.exists()
    assert log.read_text() == "said\n"


def test_one_command_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(StackError, match="another reshelf command"), locked(tmp_path):
        pytest.fail("two commands hold the same stack")
    with locked(tmp_path):
        pass


def test_the_line_that_machines_read(state: StackState) -> None:
    assert json.loads(json.dumps(endpoints(state))) == {
        "opensearch": "http://127.0.0.1:9200",
        "sidecar": {"grpc": "127.0.0.1:50051", "http": "http://127.0.0.1:8080"},
        "triton": None,
    }
    with_triton = StackState(state.folder, "triton", wanted_ports("triton"))
    assert endpoints(with_triton)["triton"] == {
        "grpc": "127.0.0.1:8001",
        "http": "http://127.0.0.1:8000",
        "metrics": "http://127.0.0.1:8002/metrics",
    }
