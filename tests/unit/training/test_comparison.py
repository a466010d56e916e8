"""Ways to run a model, compared on a catalogue that is small and a model that has learned nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sidecar.cli.main import app
from sidecar.evaluation.judged_query import JudgedQuery
from sidecar.inference import Encoder
from sidecar.training.comparison import routes as routes_module
from sidecar.training.comparison.measure import Row, candidates, compare_routes, marked
from sidecar.training.comparison.plot import draw
from sidecar.training.comparison.routes import EXACT, Route, load_routes
from tests.fixtures.adapters import make_adapter
from tests.fixtures.tiny_bert import make_tiny_bert
from tests.fixtures.training import THINGS, toy_catalogue, write_judgments, write_products

QUERIES = [
    JudgedQuery(number, thing, {f"red-{thing}": "E", f"blue-{thing}": "S"})
    for number, thing in enumerate(THINGS)
]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bert(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture(scope="module")
def adapter(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_adapter(tmp_path_factory.mktemp("adapter") / "tiny", weights)


@pytest.fixture(scope="module")
def routes(weights: Path, adapter: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Route]:
    """Without OpenVINO, so that it is the same everywhere."""
    folder = tmp_path_factory.mktemp("routes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(routes_module, "missing_for_openvino", lambda: ["openvino"])
        return load_routes(
            folder,
            cache=folder,
            threads=1,
            others={},
            weights=str(weights),
            adapter=str(adapter),
            progress=lambda step: None,
        )


def test_every_way_is_measured_on_the_same_lists(routes: list[Route], tmp_path: Path) -> None:
    catalogue = toy_catalogue()
    lists = candidates(catalogue, [*QUERIES, JudgedQuery(99, "unheard of", {"red-shoe": "E"})])
    assert len(lists) == len(THINGS), "a query that finds nothing has nothing to order"
    figures = compare_routes(routes, catalogue, lists, 1)
    assert [row.name for row in figures.rows] == ["fp32", "int8", "int8-dynamic"]
    exact = figures.rows[0]
    assert (exact.speed_up, exact.loss, exact.largest_difference) == (1.0, 0.0, 0.0)
    assert all(0 <= row.ndcg <= 1 and row.pairs_per_second > 0 for row in figures.rows)
    assert all(row.loss_ci95[0] <= row.loss <= row.loss_ci95[1] for row in figures.rows)
    assert figures.rows[1].largest_difference > 0
    assert figures.rows[1].megabytes < exact.megabytes
    assert figures.pairs == sum(len(one.places) for one in lists)
    assert 0 < figures.padding_efficiency <= 1
    draw(figures, tmp_path / "plot.svg")
    drawn = (tmp_path / "plot.svg").read_text()
    assert all(row.name in drawn for row in figures.rows)


def row(name: str, speed: float, ndcg: float) -> Row:
    return Row(name, speed, 1, (1, 1), 1, ndcg, 0, (0, 0), 0, 1, best=False)


def test_marked_is_what_no_other_way_beats_in_both() -> None:
    rows = [row("exact", 100, 0.63), row("fast", 300, 0.62), row("worse", 200, 0.61), row("slow", 90, 0.63)]
    assert [one.name for one in marked(rows) if one.best] == ["exact", "fast"]


def test_equal_ways_are_both_kept() -> None:
    assert all(one.best for one in marked([row("one", 100, 0.6), row("other", 100, 0.6)]))


def test_openvinos_way_runs_the_same_model(weights: Path, adapter: Path, tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason="needs `pip install openvino nncf`")
    pytest.importorskip("nncf", reason="needs `pip install openvino nncf`")
    found = load_routes(
        tmp_path,
        cache=tmp_path,
        threads=2,
        others={},
        weights=str(weights),
        adapter=str(adapter),
        progress=lambda step: None,
    )
    by_name = {route.name: route.encoder for route in found}
    texts = ["red shoe", "steel kettle", "lamp", "blue garden pan"]
    exact, quick = (by_name[name].score(["red"] * 4, texts).scores for name in (EXACT, "openvino-int8"))
    assert np.corrcoef(exact, quick)[0, 1] > 0.97
    assert not np.array_equal(exact, quick)


def test_the_command_writes_figures_and_plot(
    weights: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes_module, "missing_for_openvino", lambda: ["openvino"])
    arguments = [
        *("--products", str(write_products(tmp_path / "products.jsonl"))),
        *("--judgments", str(write_judgments(tmp_path / "judgments.jsonl"))),
        *("--weights", str(weights), "--adapter", str(adapter), "--threads", "1"),
        *("--output", str(tmp_path / "out")),
    ]
    done = CliRunner().invoke(app, ["model", "compare", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "out" / "compare.json").read_text())["lists"] == len(THINGS)
    assert (tmp_path / "out" / "compare.svg").is_file()
    wrong = CliRunner().invoke(app, ["model", "compare", *arguments, "--other", "student"])
    assert wrong.exit_code != 0
    assert "NAME=FOLDER" in wrong.output
    bi_encoder = CliRunner().invoke(app, ["model", "compare", *arguments, "--adapter", "none"])
    assert bi_encoder.exit_code == 1
    assert "cross-encoders are compared" in bi_encoder.output


def test_a_build_tells_what_each_precision_costs_and_keeps_the_best(
    weights: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes_module, "missing_for_openvino", lambda: ["openvino"])
    monkeypatch.chdir(tmp_path)
    built = ["model", "build", "--weights", str(weights), "--adapter", str(adapter), "--vectors", "none"]
    data = [
        *("--products", str(write_products(tmp_path / "products.jsonl"))),
        *("--judgments", str(write_judgments(tmp_path / "judgments.jsonl"))),
    ]
    arguments = [*built, *data, "--output", str(tmp_path / "models")]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)["compared"]["rows"]
    kept = tmp_path / "bench-results/model-compare/models"
    assert {folder.name for folder in kept.iterdir()} == {row["name"] for row in rows if row["best"]}
    assert all((folder / "bert_reranker/1/model.onnx").is_file() for folder in kept.iterdir())
    table = CliRunner().invoke(app, arguments)
    assert table.exit_code == 0, table.output
    assert "up to date" in table.output
    assert "int8-dynamic" in table.output
    half = CliRunner().invoke(app, [*built, *data[:2]])
    assert half.exit_code == 1
    assert "go together" in half.output


def test_the_dynamic_way_depends_on_what_is_beside_a_text_and_the_static_does_not(
    routes: list[Route],
) -> None:
    def spread(encoder: Encoder) -> float:
        alone = encoder.score(["red"], ["shoe"]).scores[0]
        beside = encoder.score(["red"] * 3, ["shoe", "lamp", "mug"]).scores[0]
        return abs(float(alone - beside))

    by_name = {route.name: route.encoder for route in routes}
    assert spread(by_name["int8"]) < 1e-5
    assert spread(by_name["int8-dynamic"]) > spread(by_name["int8"])
