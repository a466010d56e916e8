"""What a model is trained on: a query with a list of products and how good each is for it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

GAINS = {"E": 1.0, "S": 0.1, "C": 0.01, "I": 0.0}
"""ESCI's gains: what evaluation measures is what training aims at."""

UNKNOWN = math.nan
"""The gain of a product of which only a teacher says how good it is; other losses leave it out."""


@dataclass(frozen=True, slots=True)
class TrainingList:
    """A query and some products: `gains` (0 to 1, or UNKNOWN) stand beside `products` (ids), one each.

    `source` names where the list comes from, `weight` how much its loss counts.
    """

    query: str
    products: tuple[str, ...]
    gains: tuple[float, ...]
    source: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        if len(self.products) != len(self.gains) or not self.known():
            raise ValueError(f"{len(self.products)} products with {len(self.gains)} gains")

    def known(self) -> Sequence[float]:
        """The gains that are known."""
        return [gain for gain in self.gains if not math.isnan(gain)]

    def teaches(self) -> bool:
        """Whether one product is better than another: only then is there an order to learn."""
        return max(self.known()) > min(self.known())
