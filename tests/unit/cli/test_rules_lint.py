"""`reshelf rules lint` and `schema`, without an index."""

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.main import app


def reshelf(*arguments: object) -> Result:
    words = ["rules", *map(str, arguments)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "200", "NO_COLOR": "1"}, catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.yml").write_text(
        "rules:\n- id: a\n  then:\n  - boost: {filter: \"brand = 'x'\", weight: 2}\n- id: b\n  than: []\n"
    )
    return tmp_path


def test_the_sample_rules_are_fine() -> None:
    told = reshelf("lint")
    assert told.exit_code == 0, told.output
    assert told.stdout.endswith("rules: nothing to complain of\n")


def test_problems_are_told_with_file_and_line(folder: Path) -> None:
    told = reshelf("lint", "--dir", folder)
    assert told.exit_code == 1
    lines = told.stdout.splitlines()
    assert lines[0].startswith("error bad-expression a.yml:4: rule `a`: `filter: brand = 'x'`, column 7:")
    assert "unknown key `than`. Did you mean `then`?" in told.stdout
    assert lines[-1] == "1 rule: 3 errors, 0 warnings"


def test_the_same_as_json(folder: Path) -> None:
    result = reshelf("lint", "--dir", folder, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["rules"], told["ok"]) == (1, False)
    first = told["problems"][0]
    assert (first["severity"], first["check"], first["file"], first["line"], first["rule"]) == (
        *("error", "bad-expression"),
        *("a.yml", 4, "a"),
    )
    assert {problem["check"] for problem in told["problems"]} == {
        "bad-expression",
        "unknown-key",
        "missing-key",
    }


def test_what_cannot_be_compiled_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "rules:\n- id: a\n  when: {query: {words: [鞋, '!!']}}\n  then: [{hide: {ids: [x]}}]\n"
        "- id: b\n  when: {query: {words: '!!'}}\n  then: [{hide: {ids: [x]}}]\n",
        encoding="utf-8",
    )
    told = json.loads(reshelf("lint", "--dir", tmp_path, "--json").stdout)
    assert [(one["check"], one["rule"], one["line"]) for one in told["problems"]] == [
        ("compile", "a", 2),
        ("unreachable", "b", 6),
    ]
    assert not told["ok"]


def test_warnings_fail_only_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "rules:\n- id: a\n  then:\n  - boost: {filter: exists(title), weight: 1}\n"
    )
    assert reshelf("lint", "--dir", tmp_path).exit_code == 0
    assert reshelf("lint", "--dir", tmp_path, "--strict").exit_code == 1


def test_what_is_not_there(tmp_path: Path) -> None:
    assert "is no folder" in reshelf("lint", "--dir", tmp_path / "x").stdout
    refused = reshelf("lint", "--profile", "nobody")
    assert refused.exit_code == 1
    assert "There are: bi-encoder, cross-encoder, default" in refused.stderr


def test_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(reshelf("schema").stdout))
