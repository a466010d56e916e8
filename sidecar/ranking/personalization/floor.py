"""The relevance floor: what answers the query badly is not promoted, however much somebody likes it."""

import numpy as np

from sidecar.config.personalization import Guardrails
from sidecar.ranking.standing import FloatArray


def hits_above(scores: FloatArray, guardrails: Guardrails) -> int:
    """How many of n hits, from the top, may move. `scores` float64 [n] never increase.

    The others keep their places below: whoever moved down among them would promote one of them. The floor is
    a score where the profile names one, and else a share of the way from the list's worst to its best.
    """
    if not len(scores):
        return 0
    floor = guardrails.floor
    if floor is None:
        best, worst = float(scores[0]), float(scores[-1])
        floor = worst + guardrails.floor_share * (best - worst)
    # Never increasing: rising when read from the end.
    return len(scores) - int(np.searchsorted(scores[::-1], floor, side="left"))
