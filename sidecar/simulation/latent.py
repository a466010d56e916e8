"""Where simulated tastes live: vectors of products that no attribute of ours spells out.

Of each product, parts of its own: a vector of its brand (brands resemble each other: few dimensions), of its
colour, of all words of its title (random projections, rare words louder), of its price against others of its
kind (and the square of it: some want the middle), and noise that nothing tells. Our features see brands,
colours and prices by name, words and noise not at all.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.simulation.shelf import Goods, Numbers, words_of

PARTS = {"brand": 2, "color": 1, "words": 3, "price": 1, "noise": 1}
"""Dimensions of each part."""

SHARES = {"brand": 0.4, "color": 0.1, "words": 0.15, "price": 0.3, "noise": 0.05}
"""How much shoppers care about a part, on average; each cares in an own way."""


@dataclass(frozen=True)
class Latent:
    """`parts`: for each name float64 [P, d], with about one unit of variance in all."""

    parts: dict[str, Numbers]


def latent(goods: Goods, random: np.random.Generator) -> Latent:
    """The vectors of one population's world."""
    count = len(goods.ids)
    return Latent(
        {
            "brand": _scaled(_by_value(goods.values("brand"), PARTS["brand"], random)),
            "color": _scaled(_by_value(goods.values("color"), PARTS["color"], random)),
            "words": _scaled(_by_words(goods.values("title"), PARTS["words"], random)),
            "price": _scaled(_by_price(goods)),
            "noise": _scaled(random.normal(size=(count, PARTS["noise"]))),
        }
    )


def _by_value(values: Sequence[str], dimensions: int, random: np.random.Generator) -> Numbers:
    names = sorted(set(values))
    vectors = dict(zip(names, random.normal(size=(len(names), dimensions)), strict=True))
    vectors[""] = np.zeros(dimensions)
    return np.array([vectors[value] for value in values])


def _by_words(titles: Sequence[str], dimensions: int, random: np.random.Generator) -> Numbers:
    spelt = [sorted(set(words_of(title))) for title in titles]
    documents = Counter(word for words in spelt for word in words)
    names = sorted(documents)
    vectors = dict(zip(names, random.normal(size=(len(names), dimensions)), strict=True))
    rows = []
    for words in spelt:
        total = np.zeros(dimensions)
        for word in words:
            total += math.log(len(titles) / documents[word]) * vectors[word]
        rows.append(total / max(float(np.linalg.norm(total)), 1e-9))
    return np.array(rows)


def _by_price(goods: Goods) -> Numbers:
    """The logarithm of the price against the products of the same leaf category, and its square."""
    prices = np.log(goods.numbers("price"))
    leaves = np.array(goods.values("category"))
    level = np.zeros(len(prices))
    for leaf in np.unique(leaves):
        same = (leaves == leaf) & np.isfinite(prices)
        if same.sum() > 1:
            level[same] = (prices[same] - prices[same].mean()) / max(float(prices[same].std()), 1e-9)
    return level[:, None]


def _scaled(vectors: Numbers) -> Numbers:
    """With mean 0 and, summed over the dimensions, variance 1; zeros where nothing differs."""
    centred = vectors - vectors.mean(axis=0)
    size = math.sqrt(float((centred**2).sum(axis=1).mean()))
    return centred / size if size > 1e-9 else np.zeros_like(centred)
