"""Hits along the dimensions in which values resemble each other."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sidecar.config.likeness import Likeness
from sidecar.taste.keys import slope_key
from sidecar.taste.state import Numbers

LIKENESS = "likeness"
"""The name of these parts of a taste; no attribute or slope may have it."""


def likeness_of(keys: NDArray[np.uint32], likeness: Likeness) -> Numbers:
    """Of n hits with attribute keys uint32 [n, a]: the sums of their values' vectors, float64 [n, d]."""
    known, vectors = likeness.table
    rows = np.searchsorted(known, keys)
    rows[rows == len(known)] = 0
    found = vectors[rows]
    found[known[rows] != keys] = 0.0
    return np.asarray(found.sum(axis=1))


def likeness_names(likeness: Likeness) -> list[str]:
    """Of the d dimensions: `likeness`, `likeness.2`, …"""
    return [LIKENESS, *(f"{LIKENESS}.{number}" for number in range(2, likeness.dimensions + 1))]


def likeness_keys(likeness: Likeness) -> list[int]:
    """The keys of the shopper's preferences along the dimensions.

    They belong to this version of the vectors: a new fit has other axes, and begins at nothing.
    """
    return list(_keys(likeness.version, likeness.dimensions))


@lru_cache(maxsize=64)
def _keys(version: str, dimensions: int) -> tuple[int, ...]:
    return tuple(slope_key(f"{LIKENESS} {version} {number}") for number in range(dimensions))
