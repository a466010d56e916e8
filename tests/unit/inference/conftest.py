"""A tiny model, built once for all tests of the engine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.inference import Encoder
from sidecar.model.build import build_model
from tests.fixtures.tiny_bert import make_tiny_bert


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Version folders by precision."""
    folder = tmp_path_factory.mktemp("tiny")
    weights = make_tiny_bert(folder / "weights")
    return {
        precision: build_model(
            folder / precision, cache=folder / "cache", weights=str(weights), precision=precision
        ).folder
        for precision in ("fp32", "int8")
    }


@pytest.fixture(params=["fp32", "int8"])
def load(request: pytest.FixtureRequest, tiny_models: dict[str, Path]) -> Callable[..., Encoder]:
    """Loads a fresh engine, with an empty cache, at each precision."""
    return lambda **options: Encoder.load(tiny_models[request.param], threads=1, **options)
