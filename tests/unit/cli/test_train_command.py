"""`reshelf model train`: what people and programs see."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.main import app
from tests.fixtures.tiny_bert import make_tiny_bert
from tests.fixtures.training import write_judgments, write_products


def train(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["model", "train", *arguments])


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Options for a run of a few steps."""
    recipe = tmp_path / "recipe.yml"
    recipe.write_text("max_length: 24\noptimization: {max_steps: 4}\nstopping: {share: 0.3, every: 2}\n")
    return [
        *("--products", str(write_products(tmp_path / "products.jsonl"))),
        *("--judgments", str(write_judgments(tmp_path / "judgments.jsonl"))),
        *("--base", str(make_tiny_bert(tmp_path / "tiny"))),
        *("--recipe", str(recipe), "--output", str(tmp_path / "out"), "--threads", "1"),
    ]


def test_a_run_answers_one_json_object(tmp_path: Path, files: list[str]) -> None:
    answer = json.loads(train(*files, "--rank", "4", "--loss", "lambda", "--json").stdout)
    assert answer["folder"] == str(tmp_path / "out")
    assert answer["card"]["settings"]["losses"] == {"lambda": 1.0}
    assert answer["card"]["settings"]["lora"]["rank"] == 4
    assert answer["problems"] == {"products": 0, "judgments": 0}


def test_a_grid_answers_a_table(tmp_path: Path, files: list[str]) -> None:
    grid = tmp_path / "grid.yml"
    grid.write_text("lora.rank: [2, 4]\n")
    answer = train(*files, "--grid", str(grid))
    assert answer.exit_code == 0
    assert "`lora.rank`" in answer.stdout
    assert (tmp_path / "out" / "grid.json").is_file()
    assert (tmp_path / "out" / "02" / "adapter_model.safetensors").is_file()


def test_unused_rows_are_named(tmp_path: Path, files: list[str]) -> None:
    with (tmp_path / "products.jsonl").open("a") as products:
        products.write('{"product_id": "x"}\n')
    answer = train(*files)
    assert answer.exit_code == 0
    assert "products: row 13: `title`: missing" in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--recipe", "nothing"], "no such recipe. Give a YAML file, or one of default, judgments"),
        (["--loss", "hinge"], "losses"),
        (["--loss", "distill"], "distill needs a teacher"),
        (["--base", "./nowhere"], "no such folder"),
        (["--tuning", "half"], "`tuning`"),
        (["--profile", "other"], "There are: bi-encoder, cross-encoder, default"),
        (["--judgments", "missing.jsonl"], "missing.jsonl: cannot be read"),
    ],
)
def test_errors_say_the_fix_without_a_traceback(files: list[str], arguments: list[str], told: str) -> None:
    answer = train(*files, *arguments)
    assert answer.exit_code == 1
    assert told in answer.stderr
    assert "Traceback" not in answer.output
