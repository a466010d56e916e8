"""Judged lists made up for the tests of fitting."""

import numpy as np

from sidecar.domain.features import Feature
from sidecar.learning.example import Example
from sidecar.ranking.relevance.blend import standardised

USEFUL: tuple[Feature, ...] = ("similarity", "title_coverage")
NOISE: Feature = "popularity"


def examples(count: int = 40, *, noise: float = 0.5, seed: int = 1) -> list[Example]:
    """Lists in which two features and the pair's score say what is good, and one says nothing."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        truth = random.normal(size=30)
        gains = (truth > 1).astype(float)
        made.append(
            Example(
                f"query {number}",
                {
                    **{name: standardised(truth + noise * random.normal(size=30)) for name in USEFUL},
                    NOISE: standardised(random.normal(size=30)),
                },
                truth + noise / 2 * random.normal(size=30),
                gains,
                np.sort(gains)[::-1][:10],
            )
        )
    return made
