"""Queries parted for cross-validation: the same parts for whatever is compared."""

from collections.abc import Iterator

import numpy as np

FOLDS = 10


def parted(count: int, *, seed: int, folds: int = FOLDS) -> Iterator[tuple[list[int], list[int]]]:
    """(learned from, held out) of `count` queries, in turn; each query is held out once."""
    shuffled = np.random.default_rng(seed).permutation(count)
    for part in np.array_split(shuffled, min(folds, count)):
        held_out = set(part.tolist())
        yield [number for number in range(count) if number not in held_out], sorted(held_out)
