"""The gate of a deployment: judged products, ordered by both models."""

import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.cli.steps.rollout_gate import gate_of
from sidecar.config.alias import ServedModel
from sidecar.model.progress import silent
from sidecar.rollout.errors import RolloutError
from tests.fixtures.scorers import ScriptedScorer, overlap

LIVE = ServedModel(model="v1", fingerprint="x@1")
CANDIDATE = ServedModel(model="v2", fingerprint="x@2")


class Models:
    """Stands for `Connected`: a scorer for each model."""

    def __init__(self, **scorers: ScriptedScorer) -> None:
        self._scorers = scorers

    def scorer(self, served: ServedModel) -> Any:
        return self._scorers[served.model]


def backwards() -> ScriptedScorer:
    scorer = ScriptedScorer("x@2")
    scorer.answer = lambda query, texts: [-overlap(query, text) for text in texts]
    return scorer


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Judgments and products of two queries."""
    judgments, products = tmp_path / "judgments.jsonl", tmp_path / "products.jsonl"
    rows = [
        {"query": "red shoes", "labels": {"1": "E", "2": "S", "3": "I"}},
        {"query": "blue hat", "labels": {"3": "E", "1": "I", "9": "E"}},
    ]
    titles = {"1": "red shoes", "2": "red boots", "3": "blue hat"}
    judgments.write_text("".join(json.dumps(row) + "\n" for row in rows))
    products.write_text(
        "".join(json.dumps({"product_id": name, "title": title}) + "\n" for name, title in titles.items())
    )
    return judgments, products


async def test_an_equal_model_passes(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    gate = gate_of(*files, loss=0.005)
    assert gate is not None
    models: Any = Models(v1=ScriptedScorer("x@1"), v2=ScriptedScorer("x@2"))
    told = await gate(models, LIVE, CANDIDATE, silent)
    assert told["live"] == told["candidate"]
    assert told["queries"] == 2
    assert "1 judged products are not in products.jsonl" in capsys.readouterr().err


async def test_a_worse_model_is_refused_with_both_figures(files: tuple[Path, Path]) -> None:
    gate = gate_of(*files, loss=0.005)
    assert gate is not None
    models: Any = Models(v1=ScriptedScorer("x@1"), v2=backwards())
    with pytest.raises(RolloutError, match=r"v2 is worse: ndcg@10 0\.\d+ against 0\.\d+ of v1"):
        await gate(models, LIVE, CANDIDATE, silent)
    lenient = gate_of(*files, loss=1.0)
    assert lenient is not None
    told = await lenient(models, LIVE, CANDIDATE, silent)
    assert told["candidate"] < told["live"]


def test_without_files_there_is_no_gate(files: tuple[Path, Path]) -> None:
    assert gate_of(None, None, 0.005) is None
    with pytest.raises(RolloutError, match="both --judgments and --products"):
        gate_of(files[0], None, 0.005)
