"""What the commands about pages refuse before they ask anything of a cluster."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sidecar.cli.main import app

NOWHERE = ["--opensearch", "http://127.0.0.1:1"]


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "200", "NO_COLOR": "1"})
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["bench-layout", "--products", "p.jsonl"], "both --products and --judgments"),
        (["seo", "audit"], "name queries"),
        (["seo", "audit", "shoes", "--fail-on", "sometimes"], "--fail-on"),
        (["seo", "audit", "shoes", "--size", "0"], "--size"),
    ],
)
def test_options_that_cannot_be(arguments: list[str], said: str) -> None:
    code, output = run(*arguments)
    assert code == 2 and said in output


def test_a_folder_that_is_not_there_is_told_before_anything_runs(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing" / "out")
    for arguments in (
        ["seo", "audit", "shoes", "--html", missing],
        ["bench-layout", "--plot", missing],
        ["rules", "preview", "shoes", "--html", missing],
    ):
        code, output = run(*arguments, *NOWHERE)
        assert code == 1 and "does not exist" in output


def test_queries_without_words(tmp_path: Path) -> None:
    assert run("seo", "audit", "  ", *NOWHERE)[0] == 1
    file = tmp_path / "queries.txt"
    file.write_text("\n\n")
    code, output = run("seo", "audit", "--queries", str(file), *NOWHERE)
    assert code == 1 and "no queries" in output


def test_a_cluster_that_is_not_there() -> None:
    code, output = run("seo", "audit", "shoes", *NOWHERE)
    assert code == 1 and "cannot be reached" in output
