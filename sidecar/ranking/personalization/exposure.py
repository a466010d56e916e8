"""The cap on exposure: personalization does not fill the first places with one brand or seller."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sidecar.ranking.personalization.rank_shift import IndexArray
from sidecar.ranking.standing import FloatArray

Keys = npt.NDArray[np.uint32]


def kept_out(order: IndexArray, wanted: FloatArray, keys: Keys, first: int, cap: float) -> list[int]:
    """The rows that may not rise into the first places, because of one value that has too many of them there.

    `order` [n] are the rows best first, rows being places by relevance; `wanted` float64 [n] is by row;
    `keys` uint32 [n] is each row's value, 0 for none. A value may have as many of the first places as
    relevance gave it, and beyond that the share `cap` of them. Empty where no value has too many.
    """
    first = min(first, len(order))
    shown = Counter(keys[order[:first]].tolist())
    given = Counter(keys[:first].tolist())
    for value, count in shown.items():
        allowed = max(math.floor(cap * first), given[value])
        if value and count > allowed:
            outside = np.flatnonzero(keys[first:] == value) + first
            best_first = outside[np.argsort(-wanted[outside], kind="stable")]
            return [int(row) for row in best_first[allowed - given[value] :]]
    return []


def greatest_share(order: IndexArray | Sequence[int], keys: Keys, first: int) -> float:
    """The share of the first places that the most frequent value has; 0 where no hit has one."""
    shown = keys[np.asarray(order, np.intp)[:first]]
    counted = Counter(shown[shown != 0].tolist())
    return max(counted.values()) / len(shown) if counted else 0.0
