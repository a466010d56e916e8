"""Hits along the dimensions in which values resemble each other."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sidecar.config.kinship import Kinship
from sidecar.taste.keys import slope_key
from sidecar.taste.state import Numbers

KINSHIP = "kinship"
"""The name of these parts of a taste; no attribute or slope may have it."""


def kinship_of(keys: NDArray[np.uint32], kinship: Kinship) -> Numbers:
    """Of n hits with attribute keys uint32 [n, a]: the sums of their values' vectors, float64 [n, d]."""
    known, vectors = kinship.table
    rows = np.searchsorted(known, keys)
    rows[rows == len(known)] = 0
    found = vectors[rows]
    found[known[rows] != keys] = 0.0
    return np.asarray(found.sum(axis=1))


def kinship_names(kinship: Kinship) -> list[str]:
    """Of the d dimensions: `kinship`, `kinship.2`, …"""
    return [KINSHIP, *(f"{KINSHIP}.{number}" for number in range(2, kinship.dimensions + 1))]


def kinship_keys(kinship: Kinship) -> list[int]:
    """The keys of the shopper's preferences along the dimensions.

    They belong to this version of the vectors: a new fit has other axes, and begins at nothing.
    """
    return list(_keys(kinship.version, kinship.dimensions))


@lru_cache(maxsize=64)
def _keys(version: str, dimensions: int) -> tuple[int, ...]:
    return tuple(slope_key(f"{KINSHIP} {version} {number}") for number in range(dimensions))
