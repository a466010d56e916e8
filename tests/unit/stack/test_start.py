"""A start of which one part fails says why, and leaves nothing of the other parts."""

import json
import time
from pathlib import Path

import pytest

from sidecar.stack import process, start
from sidecar.stack.errors import StackError
from sidecar.stack.ports import PortChoice
from sidecar.stack.process import ProcessRecord
from sidecar.stack.start import StackWanted, parts_of, start_stack
from sidecar.stack.state import load_state, state_file


def test_one_failure_ends_the_whole_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[ProcessRecord] = []

    def fail_once_the_sidecar_is_starting(**_: object) -> None:
        until = time.monotonic() + 60
        while not state_file(tmp_path).exists():
            assert time.monotonic() < until
            time.sleep(0.01)
        services = json.loads(state_file(tmp_path).read_text())["services"]
        seen.append(ProcessRecord(**services["sidecar"]["record"]))
        raise StackError("Maven failed, as it sometimes does")

    monkeypatch.setattr(start, "build_plugin", fail_once_the_sidecar_is_starting)
    monkeypatch.setattr(start, "installation", lambda *_: tmp_path)
    with pytest.raises(StackError, match="Maven failed"):
        start_stack(StackWanted(tmp_path, "order", PortChoice.FREE))
    (sidecar,) = seen
    assert process.members(sidecar) == []
    assert load_state(tmp_path) is None
    assert (tmp_path / "logs" / "sidecar.log").exists()


def test_only_what_a_scorer_needs_is_started() -> None:
    assert parts_of("order") == ["plugin", "opensearch", "sidecar", "path"]
    assert parts_of("onnx") == ["plugin", "opensearch", "model", "sidecar", "path"]
    assert parts_of("triton") == ["plugin", "opensearch", "model", "triton", "sidecar", "path"]
