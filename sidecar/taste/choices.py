"""Clicks as choices among the hits that were offered, of many shoppers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sidecar.config.personalization import Personalization
from sidecar.taste.examination import examined
from sidecar.taste.keys import NONE
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import Numbers

MOST_HITS = 20
NEVER = -1e9
"""The logarithm of the chance of a hit that is not there."""


@dataclass(frozen=True, slots=True)
class Choices:
    """c clicks of s shoppers among up to h hits with values of a attributes.

    `values` intp [c, h, a] are numbers of the `keys` uint32 [v], v where a hit has none that counts.
    `offered` float64 [c, h]: the logarithms of each hit's chance to be seen and clicked, by relevance alone.
    `places` [c] were clicked, by `shoppers` [c].
    """

    values: NDArray[np.intp]
    keys: NDArray[np.uint32]
    offered: Numbers
    places: NDArray[np.intp]
    shoppers: NDArray[np.intp]
    count: int


@dataclass
class ChoiceGatherer:
    """Takes served lists and what was clicked on them, by `attributes`; keeps keys of values only."""

    settings: Personalization
    attributes: Sequence[str]
    _keys: list[NDArray[np.uint32]] = field(default_factory=list)
    _offered: list[Numbers] = field(default_factory=list)
    _places: list[int] = field(default_factory=list)
    _shoppers: list[int] = field(default_factory=list)
    _known: dict[bytes, int] = field(default_factory=dict)

    @property
    def clicks(self) -> int:
        """How many were taken."""
        return len(self._places)

    def add(self, shopper: bytes, served: ServedList, clicked: Sequence[int]) -> None:
        """A list, and the places (from 0) of the hits that this shopper clicked."""
        columns = [at for at, name in enumerate(served.traits.attributes) if name in self.attributes]
        chances = examined(served, None, self.settings.examination)[:MOST_HITS]
        offered = np.full(MOST_HITS, NEVER)
        scores = served.scores[: len(chances)].astype(np.float64)
        seen = np.flatnonzero(chances)
        offered[seen] = np.log(chances[seen]) + self.settings.calibration.slope * scores[seen]
        keys = np.zeros((MOST_HITS, len(self.attributes)), np.uint32)
        keys[: len(chances), : len(columns)] = served.traits.keys[: len(chances), columns]
        for place in clicked:
            if place < len(chances) and chances[place]:
                self._keys.append(keys)
                self._offered.append(offered)
                self._places.append(place)
                self._shoppers.append(self._known.setdefault(shopper, len(self._known)))

    def choices(self, fewest: int, most: int) -> Choices:
        """Over the values that at least `fewest` shoppers clicked, the most clicked `most` of them."""
        if not self._places:
            none = np.zeros(0, np.intp)
            shape = (0, MOST_HITS, len(self.attributes))
            return Choices(
                np.zeros(shape, np.intp), np.zeros(0, np.uint32), np.zeros(shape[:2]), none, none, 0
            )
        keys, places, shoppers = np.array(self._keys), np.array(self._places), np.array(self._shoppers)
        chosen = keys[np.arange(len(keys)), places]
        pairs = np.unique(np.column_stack([chosen.ravel(), np.repeat(shoppers, chosen.shape[1])]), axis=0)
        names, counts = np.unique(pairs[:, 0], return_counts=True)
        counts[names == NONE] = 0
        best = np.argsort(-counts, kind="stable")[:most]
        kept = np.sort(names[best[counts[best] >= fewest]]).astype(np.uint32)
        values = np.searchsorted(kept, keys)
        there = np.append(kept, np.uint32(NONE))[values] == keys
        values[~there | (keys == NONE)] = len(kept)
        return Choices(values, kept, np.array(self._offered), places, shoppers, len(self._known))
