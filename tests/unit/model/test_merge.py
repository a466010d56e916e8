"""Base and adapter as one checkpoint, whole or with some of its layers."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from typer.testing import CliRunner

from sidecar.cli.main import app
from sidecar.inference import Encoder
from sidecar.model.build import build_model
from sidecar.model.errors import ModelError
from sidecar.model.merge import merge
from tests.fixtures.adapters import make_adapter
from tests.fixtures.tiny_bert import make_tiny_bert

TEXTS = ["red shoe", "steel kettle", "lamp"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bert(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_adapter(tmp_path_factory.mktemp("adapter") / "tiny", base)


def scores(folder: Path, weights: Path, adapter: str = "none") -> np.ndarray:
    built = build_model(
        folder, cache=folder, weights=str(weights), adapter=adapter, vectors="none", precision="fp32"
    )
    assert built.kind == "cross-encoder"
    return Encoder.load(built.folder, threads=1).score(["red"] * 3, TEXTS).scores


def test_the_whole_scores_as_base_and_adapter_do(base: Path, adapter: Path, tmp_path: Path) -> None:
    whole = merge(tmp_path / "whole", cache=tmp_path, weights=str(base), adapter=str(adapter))
    expected = scores(tmp_path / "a", base, str(adapter))
    assert scores(tmp_path / "b", whole) == pytest.approx(expected, abs=1e-5)


def test_kept_layers_are_counted_anew(base: Path, adapter: Path, tmp_path: Path) -> None:
    whole = merge(tmp_path / "whole", cache=tmp_path, weights=str(base), adapter=str(adapter))
    less = merge(tmp_path / "less", cache=tmp_path, weights=str(base), adapter=str(adapter), layers=[1])
    there, here = (load_file(folder / "model.safetensors") for folder in (whole, less))
    name = "bert.encoder.layer.{}.intermediate.dense.weight"
    assert np.array_equal(here[name.format(0)], there[name.format(1)])
    assert name.format(1) not in here
    assert np.isfinite(scores(tmp_path / "b", less)).all()


@pytest.mark.parametrize("layers", [[], [1, 0], [0, 0], [0, 7], [-1]])
def test_layers_that_are_not_there_or_in_order(
    base: Path, adapter: Path, tmp_path: Path, layers: list[int]
) -> None:
    with pytest.raises(ModelError, match="give some of 0 to 1"):
        merge(tmp_path / "x", cache=tmp_path, weights=str(base), adapter=str(adapter), layers=layers)


def test_without_a_head_it_is_no_cross_encoder(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no cross-encoder"):
        merge(tmp_path / "x", cache=tmp_path, weights=str(base), adapter="none")


def test_the_command(base: Path, adapter: Path, tmp_path: Path) -> None:
    arguments = ["model", "merge", "--weights", str(base), "--adapter", str(adapter)]
    done = CliRunner().invoke(app, [*arguments, "--layers", "0", "-o", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "model.safetensors").is_file()
    assert "whole numbers" in CliRunner().invoke(app, [*arguments, "--layers", "a", "-o", "x"]).output
