"""Tiny models, built once for all tests of the engine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.inference import Encoder
from sidecar.model.build import build_model
from tests.fixtures.adapters import make_adapter
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


@pytest.fixture(scope="session")
def tiny_cross_encoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Version folders by precision; vectors from the same base."""
    folder = tmp_path_factory.mktemp("tiny-cross")
    weights = make_tiny_bert(folder / "weights")
    adapter = make_adapter(folder / "adapter", weights)
    return {
        precision: build_model(
            folder / precision,
            cache=folder / "cache",
            weights=str(weights),
            adapter=str(adapter),
            vectors=str(weights),
            precision=precision,
        ).folder
        for precision in ("fp32", "int8")
    }


@pytest.fixture(params=["fp32", "int8"])
def load_cross(
    request: pytest.FixtureRequest, tiny_cross_encoders: dict[str, Path]
) -> Callable[..., Encoder]:
    """Loads a fresh cross-encoder at each precision."""
    return lambda **options: Encoder.load(tiny_cross_encoders[request.param], threads=1, **options)
