"""An arm in a process of its own: its answers, its reasons, its end."""

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sidecar.benchmark.model.arm_process import ArmFailed, ArmProcess
from sidecar.benchmark.model.environments import PeerMissing, peer_command, thread_environment
from sidecar.benchmark.model.peers.worker import Score, serve
from sidecar.benchmark.model.workload import Request
from sidecar.inference import Encoder
from sidecar.model.build import Built, build_model
from tests.fixtures.adapters import make_adapter
from tests.fixtures.tiny_bert import make_tiny_bert


def process(folder: str, tmp_path: Path) -> ArmProcess:
    module = "sidecar.benchmark.model.own_worker"
    command = [sys.executable, "-P", "-m", module, "process", folder, "96", "1"]
    return ArmProcess("ours", command, thread_environment(1), tmp_path / "arm.log")


@pytest.fixture
def built(tmp_path: Path) -> Built:
    base = make_tiny_bert(tmp_path / "weights")
    adapter = str(make_adapter(tmp_path / "adapter", base))
    return build_model(
        tmp_path / "models", cache=tmp_path / "cache", weights=str(base), adapter=adapter, vectors="none"
    )


def test_it_answers_what_the_engine_answers(built: Built, tmp_path: Path) -> None:
    texts = ["red shoe", "steel kettle", "", "红 鞋"]
    with process(str(built.folder), tmp_path) as arm:
        assert built.fingerprint in arm.versions
        answer = arm.score(Request("red shoe", texts))
    assert answer.seconds > 0
    expected = Encoder.load(built.folder).score(["red shoe"] * 4, texts).scores
    assert answer.scores == pytest.approx(expected, abs=1e-5)


def test_what_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    with pytest.raises(ArmFailed, match="no built model there"), process(str(tmp_path / "none"), tmp_path):
        pass


def test_a_process_that_ends_says_its_last_words(tmp_path: Path) -> None:
    arm = ArmProcess(
        "theirs",
        [sys.executable, "-c", "import sys; sys.exit('Killed for memory')"],
        thread_environment(1),
        tmp_path / "arm.log",
    )
    with pytest.raises(ArmFailed, match="Killed for memory"), arm:
        pass


def test_a_missing_environment_names_the_fix() -> None:
    with pytest.raises(PeerMissing, match="make bench-model"):
        peer_command("nobodys", "worker", [])


def served(load: object, *requests: Request) -> list[dict[str, object]]:
    """What a worker tells, line by line."""
    given = "".join(json.dumps({"query": one.query, "texts": list(one.texts)}) + "\n" for one in requests)
    told = io.StringIO()
    serve(load, io.StringIO(given), told)  # type: ignore[arg-type]
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_a_request_that_fails_fails_alone() -> None:
    def score(query: str, texts: list[str]) -> Sequence[float]:
        if query == "bad":
            raise RuntimeError("too long")
        return np.arange(len(texts), dtype=np.float32).tolist()

    def load() -> tuple[Score, str]:
        return score, "some library 1.0"

    told = served(load, Request("bad", ["a"]), Request("good", ["a", "b"]))
    assert told[0] == {"ready": "some library 1.0"}
    assert told[1] == {"error": "RuntimeError: too long"}
    assert told[2]["scores"] == [0.0, 1.0]


def test_a_library_that_is_missing_is_told() -> None:
    def load() -> tuple[Score, str]:
        raise ModuleNotFoundError("No module named 'infinity_emb'")

    assert served(load) == [{"error": "ModuleNotFoundError: No module named 'infinity_emb'"}]
