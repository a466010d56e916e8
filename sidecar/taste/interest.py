"""What a shopper likes among items' vectors: a direction in their space, learned with the preferences.

The interest is a Gaussian over that space, its mean beginning at 0 and one precision for all directions
(those of a random projection are alike). A click moves it towards the hit's vector, a hit passed over away
from it, by the click model's gradients: relevance feedback after Rocchio (1971) with the steps of a Bayesian
filter. How like a hit is to it, interest · vector, is one more part of the taste, and evidence decides how
far it counts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.taste.keys import kind_key
from sidecar.taste.state import Numbers, Taste

LIKENESS = "item_vector"
"""The part's name; the configuration gives it to no attribute and no slope."""

LIKENESS_KIND = kind_key(LIKENESS)
GREATEST_MEAN = 8.0
GREATEST_INFORMATION = 1e6


@dataclass(frozen=True, slots=True)
class SeenVectors:
    """`values` float64 [m, r] of the hits that may have been seen, `likeness` [m] in logits of a click, the
    prior's `precision`."""

    values: Numbers
    likeness: Numbers
    precision: float

    def at(self, places: NDArray[np.intp]) -> "SeenVectors":
        """Those of some hits."""
        return SeenVectors(self.values[places], self.likeness[places], self.precision)


def likeness(taste: Taste, vectors: NDArray[np.floating], left: float = 1.0) -> Numbers:
    """What the interest says of n hits' vectors (`Traits.vectors`, [n, r]): float64 [n], logits of a click.

    `left` is what is left of the interest. Zeros for a shopper without one, or with one in other vectors.
    """
    if len(taste.interest) != vectors.shape[1]:
        return np.zeros(len(vectors))
    return np.asarray(vectors @ (left * taste.interest), np.float64)


def spread(taste: Taste, seen: SeenVectors) -> Numbers:
    """The variance of each hit's likeness, float64 [m]."""
    return np.asarray((seen.values**2).sum(axis=1) / (seen.precision + taste.interest_information))


def learn_interest(
    taste: Taste, seen: SeenVectors, gradient: Numbers, information: Numbers, *, damped: bool
) -> None:
    """Moves the interest by observations with these gradients and informations (float64 [m]), in place.

    An interest in other vectors (of settings that were) begins anew.
    """
    dimensions = seen.values.shape[1]
    if len(taste.interest) != dimensions:
        taste.interest, taste.interest_information = np.zeros(dimensions), 0.0
    gained = float(information @ (seen.values**2).sum(axis=1)) / dimensions
    precision = seen.precision + taste.interest_information + (gained if damped else 0.0)
    moved = taste.interest + (gradient @ seen.values) / precision
    taste.interest = np.clip(moved, -GREATEST_MEAN, GREATEST_MEAN)
    taste.interest_information = min(taste.interest_information + gained, GREATEST_INFORMATION)
