"""Fits a blend as the relevance stage applies it: first weights for all hits, final ones for the best."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.domain.features import PAIR, Feature
from sidecar.learning.example import Example
from sidecar.learning.folds import parted
from sidecar.learning.pairwise import fit_weights
from sidecar.ranking.relevance.learned import weighted, with_pairs
from sidecar.ranking.standing import FloatArray

IndexArray = np.ndarray[tuple[int], np.dtype[np.intp]]


LEAST_WEIGHT = 5e-4
"""What is smaller is none."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is fitted: the features, how many hits the cross-encoder reads (0: none), and how tightly."""

    features: Sequence[Feature]
    pairs: int
    l2: float


@dataclass(frozen=True, slots=True)
class FittedBlend:
    """Weights by feature; `final` is empty where the cross-encoder is not asked."""

    first: Mapping[Feature, float]
    final: Mapping[Feature, float]
    pairs: int

    def order(self, example: Example) -> IndexArray:
        """The candidates' positions, best first, as the relevance stage would order them."""
        order = np.argsort(-weighted(example.columns, self.first, len(example.gains)), kind="stable")
        if self.final:
            read = order[: self.pairs]
            read = read[~np.isnan(example.pairs[read])]
            columns = with_pairs(example.columns, example.pairs, read)
            final = weighted(columns, self.final, len(read))
            places = np.flatnonzero(np.isin(order, read))
            order[places] = read[np.argsort(-final, kind="stable")]
        return order


def fit_blend(examples: Sequence[Example], recipe: Recipe) -> FittedBlend:
    """Both sets of weights. Raises ValueError where there is nothing to learn from.

    The final sum is the first one with the cross-encoder's score added: one more number is learned from the
    few hits that are read, not all of them once more.
    """
    names = [name for name in recipe.features if name != PAIR]
    weights = fit_weights(
        [table(example, names) for example in examples],
        [example.gains for example in examples],
        recipe.l2,
    )
    first = FittedBlend(_named(names, weights), {}, 0)
    if not recipe.pairs or PAIR not in recipe.features:
        return first
    tables, gains = [], []
    for example in examples:
        read = first.order(example)[: recipe.pairs]
        read = read[~np.isnan(example.pairs[read])]
        columns = with_pairs(example.columns, example.pairs, read)
        tables.append(np.stack([weighted(columns, first.first, len(read)), columns[PAIR]], axis=1))
        gains.append(example.gains[read])
    known, added = fit_weights(tables, gains, recipe.l2)
    if added < LEAST_WEIGHT or known < LEAST_WEIGHT:
        return first  # it adds nothing, so nobody is asked
    return FittedBlend(first.first, {**first.first, PAIR: round(float(added / known), 4)}, recipe.pairs)


def cross_validated(examples: Sequence[Example], recipe: Recipe, *, seeds: int = 3) -> FloatArray:
    """nDCG@10 of each query under weights that were fitted without it, the mean over `seeds` partitions."""
    values = np.zeros((seeds, len(examples)))
    for seed in range(seeds):
        for learned_from, held_out in parted(len(examples), seed=seed):
            fitted = fit_blend([examples[number] for number in learned_from], recipe)
            for number in held_out:
                values[seed, number] = examples[number].ndcg(fitted.order(examples[number]))
    return np.asarray(values.mean(axis=0))


def without(recipe: Recipe, left_out: Collection[Feature]) -> Recipe:
    """The recipe with fewer features."""
    return Recipe([name for name in recipe.features if name not in left_out], recipe.pairs, recipe.l2)


def table(example: Example, names: Sequence[Feature]) -> FloatArray:
    """[n, f]; a feature that an example does not have is all zeros."""
    absent = np.zeros(len(example.gains))
    return np.stack([example.columns.get(name, absent) for name in names], axis=1)


def _named(names: Sequence[Feature], weights: FloatArray) -> dict[Feature, float]:
    """Weights that count, rounded: a file that people read."""
    return {
        name: round(float(weight), 4)
        for name, weight in zip(names, weights, strict=True)
        if weight > LEAST_WEIGHT
    }
