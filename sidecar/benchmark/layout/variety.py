"""How varied the first hits are, by what rules may read and by what they do not."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations

import numpy as np
import numpy.typing as npt

from sidecar.benchmark.layout.bed import TEXTS, Laid
from sidecar.config.profile import FeatureFields
from sidecar.ranking.layout.page.hit_values import aspects, deepest, leading, values_of, words
from sidecar.ranking.layout.page.spread import entropy, intra_list_diversity

FIRST = 10
DIVERSITY = "diversity"
"""The mean over brand, categories and the title's words: what an explained search is told."""

UNSEEN = "unseen"
"""The mean over the model's vectors and the words of the long texts: no rule of the benchmark reads these."""

Order = npt.NDArray[np.intp]


def variety(laid: Laid, order: Order, named: FeatureFields) -> dict[str, float]:
    """Mean distances of the first ten's pairs by aspect (0 to 1), and entropies in bits.

    `order` are places in the bed's order, best first.
    """
    first = [int(place) for place in order[:FIRST]]
    fields = [laid.candidates[place].fields for place in first]
    texts = [frozenset[str]().union(*(words(one, name) for name in TEXTS)) for one in fields]
    vectors = _vector_distance(laid, first)
    long_texts = _distance(texts)
    return {
        DIVERSITY: intra_list_diversity([aspects(one, named) for one in fields]),
        "brand": _distance([values_of(one, named.brand) for one in fields]),
        "category": _distance([values_of(one, named.category) for one in fields]),
        "title": _distance([words(one, named.title) for one in fields]),
        "vectors": vectors,
        "long texts": long_texts,
        UNSEEN: (vectors + long_texts) / 2,
        "brand entropy": _bits([leading(one, named.brand) for one in fields]),
        "category entropy": _bits([deepest(one, named.category) for one in fields]),
    }


def _bits(values: Sequence[str]) -> float:
    return entropy([value.casefold() for value in values if value])


def _distance(values: Sequence[AbstractSet[str]]) -> float:
    return intra_list_diversity([(value,) for value in values])


def _vector_distance(laid: Laid, first: Sequence[int]) -> float:
    """1 - cosine, the mean over pairs."""
    pairs = list(combinations(first, 2))
    if not pairs or not laid.vectors.size:
        return 0.0
    ones, others = (laid.vectors[list(side)] for side in zip(*pairs, strict=True))
    return float(1 - np.einsum("ij,ij->i", ones, others).mean())
