"""`reshelf bench-cascade` on an index that is not there, with a model that is tiny."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sidecar.cli import bench_cascade
from sidecar.cli.main import app
from sidecar.cli.steps import cascade_flow
from sidecar.model.build import build_model
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary
from tests.fixtures.tiny_bert import make_tiny_bert

TITLES = ["steel kettle", "blue chair", "red shoe", "garden lamp"]


class Shop:
    """An OpenSearch client whose index holds four products; it finds nothing for "mug"."""

    indices: Any

    def __init__(self) -> None:
        self.indices = self

    def exists(self, index: str) -> bool:
        return True

    def get_settings(self, **_: Any) -> dict[str, Any]:
        return {"shop": {"settings": {}}}

    def search(self, *, index: str, body: dict[str, Any], params: dict[str, str]) -> dict[str, Any]:
        hits = [
            {"_id": title, "_index": index, "_score": 9.0 - place, "_source": {"title": title}}
            for place, title in enumerate(TITLES)
        ]
        return {"hits": {"hits": [] if "mug" in json.dumps(body["query"]) else hits}}


class Readers:
    """No catalogue is read."""

    def of(self, client: Any, index: str) -> Reader:
        return Reader(Vocabulary.without_catalogue())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    weights = make_tiny_bert(folder / "weights")
    return build_model(folder / "built", cache=folder, weights=str(weights), precision="fp32").folder


@pytest.fixture
def judgments(tmp_path: Path) -> Path:
    rows = [
        {"query": "red shoe", "labels": {"red shoe": "E", "blue chair": "I"}},
        {"query": "mug", "labels": {"mug": "E"}},
    ]
    path = tmp_path / "judgments.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(autouse=True)
def _shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_cascade, "cluster", lambda _url: Shop())
    monkeypatch.setattr(cascade_flow, "IndexReaders", Readers)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["bench-cascade", *arguments], env={"COLUMNS": "200", "NO_COLOR": "1"})


def test_every_arm_is_told(model: Path, judgments: Path, tmp_path: Path) -> None:
    out = tmp_path / "cascade.json"
    result = run(
        *("--index", "shop", "--judgments", str(judgments), "--profile", "cross-encoder"),
        *("--model", str(model), "--deadline", "20000", "--rounds", "2", "--json", str(out)),
    )
    assert result.exit_code == 0, result.output
    assert "1 of 2 queries find nothing" in result.output
    figures = json.loads(out.read_text())
    assert (figures["queries"], figures["hits"], figures["deadline_ms"]) == (1, 4, 20000)
    assert figures["seconds_a_token"]["text"] > 0
    assert [arm["searches"] for arm in figures["arms"]] == [1, 1, 2, 2, 2]
    assert [arm["in_time"] for arm in figures["arms"]] == [None, None, 2, 2, 2]
    for arm in figures["arms"]:
        assert (arm["ndcg"], arm["read"]) == (1, 4)
        assert arm["name"] in result.output


def test_files_go_together(judgments: Path) -> None:
    assert "give both --products and --judgments" in run("--judgments", str(judgments)).output
    assert "--index goes with --judgments" in run("--index", "shop").output


def test_a_model_that_is_not_there_is_told(judgments: Path, tmp_path: Path) -> None:
    result = run("--index", "shop", "--judgments", str(judgments), "--model", str(tmp_path))
    assert result.exit_code == 1
    assert "--model:" in result.output
