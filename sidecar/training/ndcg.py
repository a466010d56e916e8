"""nDCG of one list; evaluation proper is `reshelf evaluate`, this is what a run stops by."""

from collections.abc import Sequence

import numpy as np


def ndcg(gains: Sequence[float], scores: Sequence[float], at: int = 10) -> float:
    """Linear gains, as evaluation has them; an unknown gain is 0, and so is the nDCG of a list without any.

    Equal scores put the list's last first: a model that tells nothing apart gains nothing from how lists
    are built, positives first.
    """
    discount = 1 / np.log2(np.arange(2, at + 2))
    values = np.nan_to_num(np.asarray(gains, np.float64))
    best = np.sort(values)[::-1][:at]
    ideal = float(best @ discount[: len(best)])
    order = np.lexsort((-np.arange(len(values)), -np.asarray(scores, np.float64)))[:at]
    return float(values[order] @ discount[: len(order)]) / ideal if ideal > 0 else 0.0
