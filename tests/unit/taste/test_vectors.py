"""Items' vectors as they are read: short, comparable, and silent where they are not what was said."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.taste.vectors import REDUCED, projection, read_vectors


def documents(table: np.ndarray) -> list[dict[str, list[float]]]:
    return [{"image": row.tolist()} for row in table]


def drawn(hits: int, dimensions: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(hits, dimensions))


def test_the_projection_is_the_same_for_ever() -> None:
    """Profiles hold what was projected: other numbers would make them meaningless."""
    first = projection(64)[0, :3].tolist()
    assert first == pytest.approx([-0.0047556868, -0.1218475244, 0.1584163916], abs=1e-9)
    assert projection(64).shape == (64, REDUCED)
    assert np.array_equal(projection(8), np.eye(8))


@pytest.mark.parametrize("dimensions", [64, 384, 1024])
def test_angles_are_kept_nearly(dimensions: int) -> None:
    table = drawn(200, dimensions)
    table[1::2] += 2 * table[::2]  # pairs that are alike, others that are not
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    short = unit @ projection(dimensions)
    short /= np.linalg.norm(short, axis=1, keepdims=True)
    assert np.std(short @ short.T - unit @ unit.T) < 1.1 / math.sqrt(REDUCED)


@given(st.integers(2, 60), st.integers(8, 80), st.integers(0, 99), st.floats(0.01, 1000))
def test_they_are_centred_and_of_one_size(hits: int, dimensions: int, seed: int, scale: float) -> None:
    found = read_vectors("image", dimensions, documents(scale * drawn(hits, dimensions, seed)))
    assert found.shape == (hits, min(dimensions, REDUCED))
    assert np.allclose(found.mean(axis=0), 0, atol=1e-5)
    assert (found**2).sum() / hits == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"image": []},
        {"image": [1.0] * 7},
        {"image": [1.0] * 9},
        {"image": ["a"] * 8},
        {"image": [True] * 8},
        {"image": [0.0] * 8},
        {"image": [math.nan] * 8},
        {"image": [math.inf] + [0.0] * 7},
        {"image": [1e308] * 8},
    ],
)
def test_what_is_no_vector_says_nothing_and_changes_no_other(odd) -> None:
    others = documents(drawn(5, 8))
    found = read_vectors("image", 8, [*others[:2], odd, *others[2:]])
    assert not found[2].any()
    assert np.allclose(np.delete(found, 2, axis=0), read_vectors("image", 8, others))


def test_a_hit_alone_or_equal_to_all_others_has_no_opinion() -> None:
    assert not read_vectors("image", 8, documents(drawn(1, 8))).any()
    assert not read_vectors("image", 8, documents(np.ones((5, 8)))).any()
    assert read_vectors("image", 8, []).shape == (0, 8)
