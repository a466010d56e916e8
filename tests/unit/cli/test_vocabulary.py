"""`reshelf vocabulary` on folders: list, show, explain, use, and what it says when it cannot."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sidecar.cli.main import app
from sidecar.ranking.understanding.vocabulary_folder import NAMES, current_version
from tests.fixtures.vocabularies import FOXMOOR, write


def reshelf(*arguments: object) -> Result:
    words = ["vocabulary", *map(str, arguments)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "200", "NO_COLOR": "1"}, catch_exceptions=False)


def test_list(tmp_path: Path) -> None:
    assert "No vocabulary built yet" in reshelf("list", "-o", tmp_path).output
    first, second = write(tmp_path), write(tmp_path, FOXMOOR)
    told = json.loads(reshelf("list", "-o", tmp_path, "--json").stdout)["versions"]
    assert [(row["version"], row["current"], row["names"]) for row in told] == [
        (first.version, False, 0),
        (second.version, True, 1),
    ]
    assert second.version in reshelf("list", "-o", tmp_path).output


def test_show(tmp_path: Path) -> None:
    write(tmp_path, FOXMOOR)
    told = json.loads(reshelf("show", "-o", tmp_path, "--kind", "brand", "--json").stdout)
    assert told["names"] == [
        {"kind": "brand", "phrase": "foxmoor", "value": "Foxmoor", "products": 12, "confidence": 0.9}
    ]
    assert "1 of 1 names" in reshelf("show", "-o", tmp_path).output
    refused = reshelf("show", "-o", tmp_path, "--kind", "brnd")
    assert refused.exit_code == 1
    assert "Allowed: brand, category, color, size" in refused.stderr


def test_explain(tmp_path: Path) -> None:
    write(tmp_path, FOXMOOR)
    told = json.loads(reshelf("explain", "foxmor shoes no red, 2 pack", "-o", tmp_path, "--json").stdout)
    assert [(entity["kind"], entity["words"], entity["negated"]) for entity in told["entities"]] == [
        ("brand", "foxmor", False),
        ("color", "red", True),
    ]
    assert told["numbers"][0]["unit"] == "piece"
    assert told["corrected"][0] == "foxmoor"
    assert "kind=brand" in reshelf("explain", "foxmoor", "-o", tmp_path).output


def test_explain_without_any_vocabulary(tmp_path: Path) -> None:
    told = json.loads(reshelf("explain", "red sofa", "-o", tmp_path, "--json").stdout)
    assert told["vocabulary"] == ""
    assert told["entities"][0]["value"] == "red"


def test_use_rolls_back(tmp_path: Path) -> None:
    first, _ = write(tmp_path), write(tmp_path, FOXMOOR)
    assert reshelf("use", first.version, "-o", tmp_path).exit_code == 0
    assert current_version(tmp_path / "shop") == first.version
    refused = reshelf("use", "000007-00000000", "-o", tmp_path)
    assert refused.exit_code == 1
    assert first.version in refused.stderr


@pytest.mark.parametrize("command", [["show"], ["explain", "x"]])
def test_a_damaged_version_is_told(tmp_path: Path, command: list[str]) -> None:
    (write(tmp_path, FOXMOOR).folder / NAMES).write_text("{")
    result = reshelf(*command, "-o", tmp_path)
    assert result.exit_code == 1
    assert "reshelf vocabulary build" in result.stderr


def test_several_vocabularies_ask_which(tmp_path: Path) -> None:
    write(tmp_path, FOXMOOR)
    write(tmp_path, index="other")
    result = reshelf("show", "-o", tmp_path)
    assert result.exit_code == 1
    assert "--index: other, shop" in result.stderr
    assert reshelf("show", "-o", tmp_path, "--index", "shop").exit_code == 0
    assert "no vocabulary of `nope`" in reshelf("show", "-o", tmp_path, "--index", "nope").stderr
