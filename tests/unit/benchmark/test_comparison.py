"""The whole comparison on a tiny model, and how it is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from sidecar.benchmark.model import environments
from sidecar.benchmark.model.arms import CONTROL, END_TO_END, IN_PROCESS, REFERENCE, arms_named
from sidecar.benchmark.model.bed import Weights
from sidecar.benchmark.model.judged import judged_requests
from sidecar.benchmark.model.plots import draw_comparison
from sidecar.benchmark.model.report import markdown, show_comparison
from sidecar.benchmark.model.run import Wanted, compare_models
from sidecar.benchmark.model.workload import Catalogue, scenarios
from sidecar.benchmark.report import plain_data
from sidecar.evaluation.judged_query import JudgedQuery
from tests.fixtures.adapters import make_adapter
from tests.fixtures.tiny_bert import WORDS, make_tiny_bert

PRODUCTS = [
    {"title": f"{WORDS[n % 10]} {WORDS[n % 7]} {n}", "brand": "a", "color": WORDS[n % 2]} for n in range(40)
]
JUDGED = [JudgedQuery(1, "red shoe", {"0": "E", "1": "I", "2": "S"}), JudgedQuery(2, "kettle", {"gone": "E"})]


@pytest.fixture
def compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> dict[str, Any]:
    """The arms that the test names, on a tiny model."""
    # No peers here, whatever is installed in this clone.
    monkeypatch.setattr(environments, "project_root", lambda: tmp_path)
    base = make_tiny_bert(tmp_path / "weights")
    adapter = make_adapter(tmp_path / "adapter", base)
    weights = Weights(str(base), str(adapter), tmp_path / "cache", vectors=str(base))
    catalogue = Catalogue.of(PRODUCTS)
    texts = {str(number): title for number, title in enumerate(catalogue.titles)}
    wanted = Wanted(
        arms_named(request.param), [scenarios([5, 8, 9])["titles-8"]], [1], 0.0, weights, tmp_path / "bench"
    )
    return compare_models(
        wanted, catalogue, ["red shoe", "mug"], judged_requests(JUDGED, texts), lambda _: None
    )


@pytest.mark.parametrize("compared", ["in process,sentence-transformers torch"], indirect=True)
def test_our_arms_are_measured_and_missing_ones_told(compared: dict[str, Any], tmp_path: Path) -> None:
    (figures,) = compared["scenarios"]
    rows = {row.arm.name: row for row in figures.rows}
    assert set(rows) == {IN_PROCESS["int8"], IN_PROCESS["fp32"], CONTROL}
    assert REFERENCE in figures.missing
    assert "make bench-model" in figures.missing[REFERENCE]
    exact, rounded = rows[IN_PROCESS["fp32"]], rows[IN_PROCESS["int8"]]
    assert exact.parity.exact()
    assert not rounded.parity.exact()
    assert rounded.parity.spearman > 0.5
    assert figures.control.ci95[0] < figures.control.ci95[1]
    assert exact.pairs_per_second > 0
    assert 0 < exact.padding_efficiency <= 1
    assert set(compared["ndcg@10"]) == set(rows)
    assert compared["judged_queries"] == 1

    console = Console(record=True, width=200, file=(tmp_path / "said").open("w"))
    show_comparison(console, compared)
    told = console.export_text()
    assert IN_PROCESS["int8"] in told
    assert "not measured: sentence-transformers torch" in told
    assert f"| {IN_PROCESS['fp32']} |" in markdown(compared)
    draw_comparison(tmp_path / "plots" / "model.svg", compared["scenarios"])
    assert IN_PROCESS["fp32"] in (tmp_path / "plots" / "model.svg").read_text()
    assert json.loads(json.dumps(plain_data(compared)))["scenarios"][0]["rows"][0]["arm"]["name"] in rows


@pytest.mark.stack
@pytest.mark.parametrize("compared", ["ours on Triton,ours in process"], indirect=True)
def test_end_to_end_goes_through_a_real_triton(compared: dict[str, Any]) -> None:
    (figures,) = compared["scenarios"]
    assert figures.missing == {}
    rows = {row.arm.name: row for row in figures.rows}
    assert rows[END_TO_END["fp32"]].against_own.median == 1.0
    assert rows[END_TO_END["fp32"]].parity.exact()
    assert rows[IN_PROCESS["int8"]].against_own is not None
    assert rows[END_TO_END["int8"]].parity.largest == pytest.approx(
        rows[IN_PROCESS["int8"]].parity.largest, abs=1e-3
    )


def test_arms_are_chosen_by_part_of_their_name() -> None:
    assert {arm.name for arm in arms_named("openvino")} == {
        "sentence-transformers openvino",
        "sentence-transformers openvino int8",
    }
    assert len(arms_named("")) > 10
    with pytest.raises(ValueError, match="'nobody'"):
        arms_named("ours,nobody")
