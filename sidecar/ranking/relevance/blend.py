"""Two opinions on a list made one score."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sidecar.config.profile import RelevanceWeights
from sidecar.ranking.standing import FloatArray

IndexArray = npt.NDArray[np.intp]

ROUNDING = 1e-12
"""Differences below this share of the mean are the arithmetic's, not the scores'."""


@dataclass(frozen=True, slots=True)
class Blend:
    """`order` [n] holds positions of the old list, best first; `scores` [n] go with it, never increasing.

    `model_part` and `first_stage_part` [n] add up to the score where a candidate was scored and are NaN
    where it was not.
    """

    order: IndexArray
    scores: FloatArray
    model_part: FloatArray
    first_stage_part: FloatArray


def blend(model: FloatArray, first_stage: FloatArray, weights: RelevanceWeights) -> Blend:
    """The scored candidates by the weighted sum of both scores, the others in their own places.

    `model` [n] is NaN where nothing was scored; `first_stage` [n] never increases. Both are standardised
    over the scored candidates. Equal sums keep the first stage's order.

    The scored share the places that they had. Where those are the best n, the others stay below them; where
    they lie scattered (what happened to be in a cache), a poor hit that was scored does not pass a good one
    that was not.
    """
    unscored = np.isnan(model)
    if not unscored.any():
        return _blend_scored(model, first_stage, weights)
    places = np.flatnonzero(~unscored)
    top = _blend_scored(model[places], first_stage[places], weights)
    order, scores = settled(top.order, top.scores, places, first_stage)
    return Blend(
        order=order,
        scores=scores,
        model_part=_spread(top.model_part, places, len(model)),
        first_stage_part=_spread(top.first_stage_part, places, len(model)),
    )


def settled(
    order: IndexArray, scores: FloatArray, places: IndexArray, others: FloatArray
) -> tuple[IndexArray, FloatArray]:
    """The whole list's order and never increasing scores, when only those at `places` were scored.

    `order` [m] and `scores` [m] are the scored ones' best first, `places` [m] where they stand, rising, and
    `others` [n] what everybody's score was before, never increasing.
    """
    whole = np.arange(len(others))
    whole[places] = places[order]
    return whole, _fill(scores, places, others)


def _blend_scored(model: FloatArray, first_stage: FloatArray, weights: RelevanceWeights) -> Blend:
    model_part = weights.model * standardised(model)
    first_stage_part = weights.first_stage * standardised(first_stage)
    total = model_part + first_stage_part
    order = np.argsort(-total, kind="stable")
    return Blend(order, total[order], model_part[order], first_stage_part[order])


def standardised(values: FloatArray) -> FloatArray:
    """Values with mean 0 and standard deviation 1; zeros where they do not differ beyond rounding."""
    count = len(values)
    if not count:
        return values
    mean = np.add.reduce(values) / count
    centred = values - mean
    deviation = math.sqrt(centred.dot(centred) / count)
    if not abs(mean) * ROUNDING < deviation < math.inf:
        return np.zeros(count)
    return np.asarray(centred / deviation)


def _spread(values: FloatArray, places: IndexArray, count: int) -> FloatArray:
    """`values` at `places` of `count`, NaN elsewhere."""
    spread = np.full(count, np.nan)
    spread[places] = values
    return spread


def _fill(scored: FloatArray, places: IndexArray, first_stage: FloatArray) -> FloatArray:
    """Scores for all places: `scored` at theirs, and for the others what keeps the list from rising.

    A place among the scored gets the score of the scored one above it; those below all scored ones keep the
    gaps that the first stage gave them.
    """
    if not len(scored):
        return standardised(first_stage)
    above = np.searchsorted(places, np.arange(len(first_stage)), side="right") - 1
    filled = scored[np.maximum(above, 0)]
    tail = int(places[-1]) + 1
    standard = standardised(first_stage[tail:])
    if len(standard):
        filled[tail:] += standard - standard[0]
    return np.asarray(filled)
