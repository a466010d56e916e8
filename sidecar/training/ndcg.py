"""nDCG of a list by its scores: what a run stops by; evaluation proper is `reshelf evaluate`."""

from collections.abc import Sequence

import numpy as np

from sidecar.evaluation import ndcg as one_list


def ndcg(gains: Sequence[float], scores: Sequence[float], at: int = 10) -> float:
    """nDCG of the list in the order of its scores; an unknown gain counts 0.

    Equal scores put the list's last first: a model that tells nothing apart gains nothing from how lists
    are built, positives first.
    """
    values = np.nan_to_num(np.asarray(gains, np.float64))
    order = np.lexsort((-np.arange(len(values)), -np.asarray(scores, np.float64)))
    return one_list.ndcg(values[order], np.sort(values)[::-1], at)
