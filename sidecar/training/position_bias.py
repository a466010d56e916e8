"""A position-based click model: a click needs a look at the place and a liking for the product.

P(click) = examination(place) · attraction(query, product), fitted by expectation maximisation (Richardson et
al. 2007; Chuklin, Markov, de Rijke, Click Models for Web Search, 2015). What is shown high is clicked more
because it is looked at more; attraction is what is left.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ROUNDS = 200
ENOUGH = 1e-5
PRIOR_CLICKS, PRIOR_VIEWS = 1.0, 10.0
"""As if each product had had one liking among ten looks: two clicks out of two prove little."""


@dataclass(frozen=True, slots=True)
class Impression:
    """A product shown at a place (from 0) for a query, and whether it was clicked."""

    query: str
    product: str
    place: int
    clicked: bool


@dataclass(frozen=True, slots=True)
class Liked:
    """A product for a query: how attractive it is (0 to 1), how often it was looked at, in expectation, and
    how often it was clicked."""

    product: str
    attraction: float
    views: float
    clicks: int


@dataclass(frozen=True)
class PositionBias:
    """`examination[place]`: how likely a place is looked at, relative to the one that is looked at most."""

    examination: Floats
    pairs: Sequence[tuple[str, str]]
    attraction: Floats
    views: Floats
    clicks: Floats

    def by_query(self) -> dict[str, list[Liked]]:
        """All products of each query."""
        found: dict[str, list[Liked]] = defaultdict(list)
        for number, (query, product) in enumerate(self.pairs):
            found[query].append(
                Liked(
                    product,
                    float(self.attraction[number]),
                    float(self.views[number]),
                    int(self.clicks[number]),
                )
            )
        return dict(found)


def fit_position_bias(impressions: Sequence[Impression]) -> PositionBias:
    """The model that explains the clicks best. Deterministic; `impressions` must not be empty.

    Places and liking can be told apart only as far as products were shown at several places; the priors
    decide where they were not. Examination is fitted per place, down to the deepest one seen.
    """
    numbers: dict[tuple[str, str], int] = {}
    pair = np.array([numbers.setdefault((one.query, one.product), len(numbers)) for one in impressions])
    place = np.array([one.place for one in impressions])
    clicked = np.array([one.clicked for one in impressions])
    places = int(place.max()) + 1
    examination = 1 / np.sqrt(1.0 + np.arange(places))
    attraction = np.full(len(numbers), PRIOR_CLICKS / PRIOR_VIEWS)
    shown_at = np.bincount(place, minlength=places)
    shown = np.bincount(pair, minlength=len(numbers))
    for _ in range(ROUNDS):
        e, a = examination[place], attraction[pair]
        miss = 1 - e * a
        looked = np.where(clicked, 1.0, e * (1 - a) / miss)
        liked = np.where(clicked, 1.0, a * (1 - e) / miss)
        newer = (np.bincount(pair, liked, len(numbers)) + PRIOR_CLICKS) / (shown + PRIOR_VIEWS)
        seen = (np.bincount(place, looked, places) + 0.5) / (shown_at + 1.0)
        seen = np.clip(seen / seen.max(), 1e-3, 1 - 1e-6)
        moved = max(np.abs(seen - examination).max(), np.abs(newer - attraction).max())
        examination, attraction = seen, newer
        if moved < ENOUGH:
            break
    views = np.bincount(pair, examination[place], len(numbers)).astype(np.float64)
    clicks = np.bincount(pair, clicked, len(numbers)).astype(np.float64)
    return PositionBias(examination, list(numbers), attraction, views, clicks)
