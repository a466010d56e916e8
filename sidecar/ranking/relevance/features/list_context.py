"""A hit among the others: pseudo-relevance feedback by vectors, by words and by categories.

The best few of a first blend are taken for relevant (Rocchio 1971; Lavrenko and Croft 2001 for the words),
and every hit is compared with them. Weights fall with the place as nDCG's discount does.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from sidecar.ranking.relevance.features.document import ReadDocument
from sidecar.ranking.standing import FloatArray

FEEDBACK_WORDS = 10
"""How many of the best give words."""

NEIGHBOURS = 10

VectorArray = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def discounts(count: int) -> FloatArray:
    """float64 [count], falling, adding up to 1."""
    weights = 1 / np.log2(np.arange(2, 2 + count))
    return np.asarray(weights / weights.sum())


def feedback(vectors: VectorArray, best: Sequence[int], query: VectorArray | None = None) -> FloatArray:
    """Cosine of each hit to the mean of the `best`, mixed half and half with the query's vector if given.

    vectors: float32 [n, d] of length 1; query: float32 [1, d]; answers float64 [n].
    """
    chosen = list(best)
    mean = discounts(len(chosen)).astype(np.float32) @ vectors[chosen]
    mean /= max(float(np.sqrt(mean @ mean)), 1e-9)
    if query is not None:
        mean = mean + query[0]
        mean /= max(float(np.sqrt(mean @ mean)), 1e-9)
    return np.asarray(vectors @ mean, dtype=np.float64)


def feedback_words(documents: Sequence[ReadDocument], best: Sequence[int]) -> FloatArray:
    """The weight of the best titles' words, rare ones more, that each title has; [n], 0–1."""
    found = Counter(word for one in documents for word in one.places)
    count = len(documents)
    told: dict[str, float] = defaultdict(float)
    chosen = list(best)[:FEEDBACK_WORDS]
    for place, weight in zip(chosen, discounts(len(chosen)).tolist(), strict=True):
        for word in documents[place].places:
            told[word] += weight
    weights = {
        word: weight * math.log1p((count - found[word] + 0.5) / (found[word] + 0.5))
        for word, weight in told.items()
    }
    total = sum(weights.values()) or 1.0
    get = weights.get
    return np.array([sum([get(word, 0.0) for word in one.places]) for one in documents]) / total


def category_agreement(documents: Sequence[ReadDocument], best: Sequence[int]) -> FloatArray:
    """How much of the best lies in each level of the hit's category path, on the mean over its levels.

    A hit without a category gets the list's mean; [n], 0–1.
    """
    votes: dict[str, float] = defaultdict(float)
    chosen = list(best)
    for place, weight in zip(chosen, discounts(len(chosen)).tolist(), strict=True):
        for level in documents[place].category:
            votes[level] += weight
    # Hits of one category share the answer, and the last level names the whole path.
    share = {"": math.nan}
    for one in documents:
        if one.leaf not in share:
            share[one.leaf] = sum([votes.get(level, 0.0) for level in one.category]) / len(one.category)
    shares = np.array([share[one.leaf] for one in documents])
    missing = np.isnan(shares)
    shares[missing] = shares[~missing].mean() if not missing.all() else 0.0
    return shares


def neighbours(vectors: VectorArray, first: FloatArray) -> FloatArray:
    """The mean first score of each hit's ten nearest hits, nearer ones more; float64 [n]."""
    count = len(vectors)
    near = min(NEIGHBOURS, count - 1)
    if near < 1:
        return np.zeros(count)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -np.inf)
    nearest = np.argpartition(-likeness, near - 1, axis=1)[:, :near]
    weights = np.clip(np.take_along_axis(likeness, nearest, axis=1), 1e-3, None).astype(np.float64) ** 3
    return np.asarray((weights * first[nearest]).sum(axis=1) / weights.sum(axis=1))
