"""The traits of hits: what taste is about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Traits:
    """n hits' attributes and numbers, in the words of a profile's `personalization` section.

    `keys` uint32 [n, a] hashes of (attribute, value), 0 where a hit has none. `numbers` float32 [n, s] slopes
    (price within the query, rating, novelty, …), standardised over the list; 0 where a hit has none.
    `attributes` [a] and `slopes` [s] are the names. `vectors` float32 [n, r] are the items' vectors, reduced
    and standardised over the list (`taste.vectors`), zeros where a hit has none; None where no vectors are
    read. What was served keeps them; nothing computes them again.
    """

    keys: NDArray[np.uint32]
    numbers: NDArray[np.float32]
    attributes: Sequence[str]
    slopes: Sequence[str]
    vectors: NDArray[np.float32] | None = None

    def first(self, count: int) -> "Traits":
        """Those of the first hits."""
        return self._of(slice(count))

    def at(self, places: NDArray[np.intp]) -> "Traits":
        """Those of the hits at `places`, in that order."""
        return self._of(places)

    def _of(self, places: slice | NDArray[np.intp]) -> "Traits":
        vectors = None if self.vectors is None else self.vectors[places]
        return Traits(self.keys[places], self.numbers[places], self.attributes, self.slopes, vectors)
