"""The order by relevance and taste, within the guardrails."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sidecar.config.personalization import Guardrails
from sidecar.ranking.personalization.exposure import kept_out
from sidecar.ranking.personalization.floor import hits_above
from sidecar.ranking.personalization.rank_shift import IndexArray, order_within, reached
from sidecar.ranking.settling import settled
from sidecar.ranking.standing import FloatArray

FLOOR = "held back: relevance floor"
RANK_SHIFT = "held back: rank shift"
EXPOSURE = "held back: exposure share"
GUARDRAILS = (FLOOR, RANK_SHIFT, EXPOSURE)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """`order` [n] holds rows (places by relevance), best first; `scores` float64 [n] go with it.

    `changed` [3]: whether each of `GUARDRAILS` kept anybody from where taste would have them. `held`
    float64 [3, n], for explained searches, is by row what each changed of the score that was wished for: a
    hit that was held back lost it, one that was held up got it.
    """

    order: IndexArray
    scores: FloatArray
    changed: tuple[bool, bool, bool]
    held: FloatArray | None = None


def arrange(
    scores: FloatArray,
    residuals: FloatArray,
    keys: npt.NDArray[np.uint32],
    guardrails: Guardrails,
    *,
    explain: bool = False,
) -> Arrangement:
    """The best order by `scores` + `residuals` (float64 [n] each, by row) that keeps all guardrails.

    `scores` never increase. `keys` uint32 [n, e] are the values whose exposure is capped, 0 for none. The
    answer's scores never increase either.
    """
    wanted = scores + residuals
    movable = hits_above(scores, guardrails)
    top, reach = wanted[:movable], guardrails.rank_shift
    free = np.argsort(-top, kind="stable")
    earliest = np.maximum(np.arange(movable) - reach, 0)
    near = free if reached(free, reach) else order_within(top, earliest, reach)
    order = _within_exposure(near, top, keys[:movable], earliest, guardrails)
    final = _scores(order, wanted, scores, movable)
    whole = np.concatenate([order, np.arange(movable, len(scores))])
    changed = (bool(residuals[movable:].any()), near is not free, order is not near)
    if not explain:
        return Arrangement(whole, final[whole], changed)
    by_floor = _scores(free, wanted, scores, movable)
    by_shift = _scores(near, wanted, scores, movable)
    held = np.stack([by_floor - wanted, by_shift - by_floor, final - by_shift])
    return Arrangement(whole, final[whole], changed, held)


def _within_exposure(
    order: IndexArray,
    top: FloatArray,
    keys: npt.NDArray[np.uint32],
    earliest: IndexArray,
    guardrails: Guardrails,
) -> IndexArray:
    """The order once no value has too many of the first places.

    Each round keeps the surplus of one value out for good, so that there are at most as many as values.
    """
    first, settled_columns = guardrails.exposure_first, 0
    while settled_columns < keys.shape[1]:
        settled_columns = 0
        for column in keys.T:
            surplus = kept_out(order, top, column, first, guardrails.exposure_cap)
            if not surplus:
                settled_columns += 1
                continue
            earliest = earliest.copy()
            earliest[surplus] = np.maximum(earliest[surplus], min(first, len(order)))
            order = order_within(top, earliest, guardrails.rank_shift)
    return order


def _scores(order: IndexArray, wanted: FloatArray, scores: FloatArray, movable: int) -> FloatArray:
    """Each row's score where the first `movable` rows stand in this order, and the others as they were."""
    by_row = scores.copy()
    values = settled(wanted[order])
    if movable < len(scores):
        values = np.maximum(values, scores[movable])
    by_row[order] = values
    return by_row
