"""Items' vectors made short and comparable within a list.

Short by a random projection, the same everywhere and always. Johnson and Lindenstrauss (1984): a few random
directions keep the angles between vectors, nearly. With 32 of them a cosine is off by 0.18 (one deviation),
however long the vectors were.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from sidecar.domain.candidate import FieldValues
from sidecar.taste.state import MOST_INTEREST

REDUCED = MOST_INTEREST
"""Numbers of a reduced vector; a shorter one stays as it is."""

SEED = 1984
"""Of the projection. Another one would make every profile's interest meaningless."""

LEAST_SPREAD = 0.05
"""Hits whose unit vectors differ by less are the same, as far as a model can tell."""

FEW_MULTIPLICATIONS = 200_000
"""OpenBLAS multiplies matrices in one thread up to 2^18."""

Table = NDArray[np.float64]


@lru_cache(maxsize=16)
def projection(dimensions: int) -> Table:
    """Float64 [dimensions, r ≤ REDUCED]: independent normal numbers; for short vectors the identity."""
    if dimensions <= REDUCED:
        return np.eye(dimensions)
    # Its numbers are frozen: they are the same in every version of NumPy.
    random = np.random.RandomState(SEED)
    return np.asarray(random.normal(0.0, REDUCED**-0.5, (dimensions, REDUCED)))


def read_vectors(
    field: str, dimensions: int, fields: Sequence[Mapping[str, FieldValues]]
) -> NDArray[np.float32]:
    """The n hits' vectors float32 [n, r]: reduced to unit length, less the list's mean, of mean square 1.

    Zeros, which say nothing, for a hit that has none, one of another length, or one that is no direction.
    """
    given = [document.get(field) or () for document in fields]
    rows = [row for row, values in enumerate(given) if _is_vector(values, dimensions)]
    short = projection(dimensions)
    found = np.zeros((len(fields), short.shape[1]), np.float32)
    # Of all ways from Python's numbers to an array the fastest, by more than two.
    packed = b"".join([_pack(dimensions)(*given[row]) for row in rows])
    table = _unit(_shortened(_unit(np.frombuffer(packed).reshape(len(rows), dimensions)), short))
    there = table.any(axis=1)
    if there.sum() < 2:
        return found
    table[there] -= table[there].mean(axis=0)
    spread = float(np.sqrt((table**2).sum() / there.sum()))
    if spread >= LEAST_SPREAD:
        found[rows] = table / spread
    return found


def _is_vector(values: FieldValues, dimensions: int) -> bool:
    return len(values) == dimensions and type(values[0]) in (float, int)  # a bool is no number here


@lru_cache(maxsize=16)
def _pack(dimensions: int) -> Callable[..., bytes]:
    return Struct(f"={dimensions}d").pack


def _shortened(table: Table, short: Table) -> Table:
    """Their product, in pieces below the size from which OpenBLAS wakes threads: on a busy machine waiting
    for them takes ten times as long as the product."""
    rows = max(1, FEW_MULTIPLICATIONS // short.size)
    pieces = [table[start : start + rows] @ short for start in range(0, len(table), rows)]
    return np.concatenate(pieces) if pieces else np.zeros((0, short.shape[1]))


def _unit(table: Table) -> Table:
    with np.errstate(all="ignore"):
        table = table / np.linalg.norm(table, axis=1, keepdims=True)
    return np.where(np.isfinite(table).all(axis=1, keepdims=True), table, 0.0)
