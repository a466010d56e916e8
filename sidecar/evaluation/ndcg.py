"""nDCG of one list in memory, as `measures` has it of rankings by id: linear gains, places from 1."""

import numpy as np
import numpy.typing as npt

Gains = npt.NDArray[np.float64]


def ndcg(found: Gains, ideal: Gains, at: int = 10) -> float:
    """The discounted gain of the first `at` of `found`, as a share of that of `ideal`.

    `found` [n]: gains in the ranking's order; `ideal` [m]: those of all that was judged, found or not, best
    first. 0 where nothing has a gain.
    """
    best = _discounted(ideal[:at])
    return _discounted(found[:at]) / best if best > 0 else 0.0


def _discounted(gains: Gains) -> float:
    return float(gains @ (1 / np.log2(np.arange(2, 2 + len(gains)))))
