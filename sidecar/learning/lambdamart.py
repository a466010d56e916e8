"""LambdaMART beside the linear blend, to tell whether trees over the same features would pay.

Gradient-boosted trees on LambdaRank's gradients (Burges 2010), by LightGBM. A comparison only: nothing
serves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from sidecar.domain.features import PAIR, Feature
from sidecar.learning.blend_fit import FittedBlend, IndexArray, Recipe, fit_blend, table
from sidecar.learning.example import CUT, GAINS, Example
from sidecar.learning.folds import parted
from sidecar.ranking.relevance.blend import standardised
from sidecar.ranking.relevance.learned import weighted
from sidecar.ranking.standing import FloatArray

if TYPE_CHECKING:
    from lightgbm import Booster

TREES = 120
BOOSTERS = 3
"""Models of different seeds whose scores are added up."""

SETTINGS: dict[str, Any] = {
    "objective": "lambdarank",
    "lambdarank_truncation_level": CUT + 3,  # a little beyond what nDCG looks at, as LightGBM advises
    "num_leaves": 7,
    "learning_rate": 0.05,
    "min_data_in_leaf": 20,
    # A part of the queries and of the features for each tree: else all seeds would grow the same trees.
    "bagging_by_query": True,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.8,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,  # of so few rows, several are slower
    "verbosity": -1,
}
"""Usual ones for little data, set before any was looked at."""

LEVELS = sorted(GAINS.values())
LABELS_GAINS = [round(100 * gain) for gain in LEVELS]
"""The gain of label 0, 1, 2, …: LightGBM takes labels, and whole gains; their scale does not matter."""

NAME = "LambdaMART"
SUM = "blend + LambdaMART"

MISSING = f"{NAME} is left out: LightGBM is not installed. Install `reshelf[train]`."


def installed() -> bool:
    """Whether LightGBM is there; it comes with `reshelf[train]`."""
    return find_spec("lightgbm") is not None


@dataclass(frozen=True, slots=True)
class Forest:
    """Fitted trees of several seeds."""

    features: Sequence[Feature]
    boosters: "Sequence[Booster]"

    def scores(self, example: Example) -> FloatArray:
        """float64 [n], more is better."""
        rows = table(example, self.features)
        return np.asarray(sum(np.asarray(booster.predict(rows)) for booster in self.boosters))


def fit_forest(examples: Sequence[Example], features: Sequence[Feature]) -> Forest:
    """Trees over the features of the first step. More of a feature never lowers a hit, as in the blend."""
    import lightgbm

    names = [name for name in features if name != PAIR]
    data = lightgbm.Dataset(
        np.concatenate([table(example, names) for example in examples]),
        label=np.concatenate([np.searchsorted(LEVELS, example.gains) for example in examples]),
        group=[len(example.gains) for example in examples],
        params={"verbosity": -1},
        free_raw_data=False,
    )
    settings = {**SETTINGS, "label_gain": LABELS_GAINS, "monotone_constraints": [1] * len(names)}
    boosters = [
        lightgbm.train({**settings, "seed": seed}, data, num_boost_round=TREES) for seed in range(BOOSTERS)
    ]
    return Forest(names, boosters)


def compared(examples: Sequence[Example], recipe: Recipe, *, seeds: int) -> dict[str, FloatArray]:
    """nDCG@10 of each query under trees, and under blend and trees, both fitted without it.

    Parts and seeds are those of `cross_validated`, and so is the mean over seeds. The sum is that of the
    first step's scores, standardised over the list.
    """
    alone, both = np.zeros((2, seeds, len(examples)))
    first = Recipe([name for name in recipe.features if name != PAIR], 0, recipe.l2)
    for seed in range(seeds):
        for learned_from, held_out in parted(len(examples), seed=seed):
            known = [examples[number] for number in learned_from]
            forest, blend = fit_forest(known, first.features), fit_blend(known, first)
            for number in held_out:
                example = examples[number]
                scores = forest.scores(example)
                alone[seed, number] = example.ndcg(_order(scores))
                both[seed, number] = example.ndcg(_order(_added(scores, blend, example)))
    return {NAME: alone.mean(axis=0), SUM: both.mean(axis=0)}


def _added(scores: FloatArray, blend: FittedBlend, example: Example) -> FloatArray:
    linear = weighted(example.columns, blend.first, len(example.gains))
    return np.asarray(standardised(scores) + standardised(linear))


def _order(scores: FloatArray) -> IndexArray:
    return np.argsort(-scores, kind="stable")
