"""`reshelf model`: what people and programs see."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.main import app
from sidecar.rollout.repository import place
from tests.fixtures.adapters import make_adapter
from tests.fixtures.tiny_bert import make_tiny_bert


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A repository with one tiny model in it."""
    make_tiny_bert(tmp_path / "weights")
    assert (
        model("build", "--weights", str(tmp_path / "weights"), "--output", str(tmp_path / "models")).exit_code
        == 0
    )
    return tmp_path / "models"


def model(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["model", *arguments])


def test_build_answers_one_json_object(tmp_path: Path) -> None:
    weights = make_tiny_bert(tmp_path / "weights")
    arguments = ["build", "--weights", str(weights), "--output", str(tmp_path / "models"), "--json"]
    first, second = (json.loads(model(*arguments).stdout) for _ in range(2))
    assert first["version"] == 1
    assert first["fingerprint"].startswith("weights-int8@")
    assert Path(first["folder"]).is_dir()
    assert (first["reused"], second["reused"]) == (False, True)


def test_an_adapter_and_no_vectors(tmp_path: Path) -> None:
    weights = make_tiny_bert(tmp_path / "weights")
    adapter = make_adapter(tmp_path / "adapter", weights)
    options = [
        "--weights",
        str(weights),
        "--adapter",
        str(adapter),
        "--vectors",
        "none",
        "--max-length",
        "80",
    ]
    built = json.loads(model("build", *options, "--output", str(tmp_path / "models"), "--json").stdout)
    assert built["kind"] == "cross-encoder"
    (listed,) = json.loads(model("list", "--output", str(tmp_path / "models"), "--json").stdout)["versions"]
    assert (listed["kind"], listed["max_length"], listed["dimensions"]) == ("cross-encoder", 80, 0)


def test_list_and_verify(output: Path) -> None:
    (listed,) = json.loads(model("list", "--output", str(output), "--json").stdout)["versions"]
    assert (listed["version"], listed["precision"], listed["dimensions"]) == (1, "int8", 96)
    assert "int8" in model("list", "--output", str(output)).stdout
    verified = model("verify", "--output", str(output), "--json")
    assert verified.exit_code == 0
    assert json.loads(verified.stdout) == {"versions": {"1": {"ok": True, "problems": []}}}


def test_verify_names_the_damaged_file(output: Path) -> None:
    (output / "bert_reranker" / "1" / "tokenizer.json").write_text("{}")
    damaged = model("verify", "--output", str(output))
    assert damaged.exit_code == 1
    assert "tokenizer.json: changed" in damaged.stdout
    assert "reshelf model build --force" in damaged.stderr


def test_verify_looks_at_what_is_served_as_well(output: Path, tmp_path: Path) -> None:
    served = place(output / "bert_reranker" / "1", tmp_path / "served", "bert_reranker_v1")
    arguments = ["verify", "--repository", str(tmp_path / "served")]
    assert json.loads(model(*arguments, "--json").stdout)["versions"] == {
        "bert_reranker_v1": {"ok": True, "problems": []}
    }
    (served / "1" / "tokenizer.json").write_text("{}")
    damaged = model(*arguments)
    assert damaged.exit_code == 1
    assert "reshelf model deploy" in damaged.stderr


@pytest.mark.parametrize(
    "command", [["deploy"], ["promote"], ["rollback"], ["shadow", "--share", "0.1"], ["status"]]
)
def test_without_a_stack_a_roll_out_says_what_to_name(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESHELF_STATE", str(tmp_path))
    answer = model(*command)
    assert answer.exit_code == 1
    assert "--config sidecar.yml --repository FOLDER" in answer.stderr
    config = tmp_path / "sidecar.yml"
    config.write_text("scorer: {kind: triton}")
    answer = model(*command, "--config", str(config), "--repository", str(tmp_path))
    assert answer.exit_code == 1
    assert "`scorer.triton.alias` is missing" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["build", "--precision", "int3"], "choose one of int8, int8-dynamic, fp32"),
        (["build", "--weights", "./nowhere"], "no such folder"),
        (["build", "--adapter", "./nowhere"], "adapter ./nowhere: no such folder"),
        (["verify"], "Run `reshelf model build`"),
    ],
)
def test_errors_say_the_fix_without_a_traceback(tmp_path: Path, arguments: list[str], message: str) -> None:
    answer = model(*arguments, "--output", str(tmp_path))
    assert answer.exit_code == 1
    assert message in answer.stderr
    assert answer.stdout == ""
    assert "Traceback" not in answer.output


def test_an_empty_repository_is_no_error_to_list(tmp_path: Path) -> None:
    assert json.loads(model("list", "--output", str(tmp_path), "--json").stdout) == {"versions": []}
    assert "reshelf model build" in model("list", "--output", str(tmp_path)).stdout
