"""One judged query as the blend sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.domain.features import Feature
from sidecar.evaluation.ndcg import ndcg
from sidecar.ranking.standing import FloatArray

GAINS: Mapping[str, float] = {"E": 1.0, "S": 0.1, "C": 0.01, "I": 0.0}
"""ESCI's gains; what nobody judged has none."""

CUT = 10
"""Fitted weights are judged by nDCG at this many hits."""


@dataclass(frozen=True, slots=True)
class Example:
    """The candidates of one query, in the first stage's order.

    `columns`: a float64 [n] for each feature but `pair`, standardised over the list. `pairs` [n]: the
    cross-encoder's scores, NaN where it did not score. `gains` [n]: of the candidates; `ideal`: of all that
    was judged, found or not, best first, at most `CUT`.
    """

    query: str
    columns: Mapping[Feature, FloatArray]
    pairs: FloatArray
    gains: FloatArray
    ideal: FloatArray

    def ndcg(self, order: Sequence[int] | np.ndarray[tuple[int], np.dtype[np.intp]]) -> float:
        """nDCG@10 of the candidates in this order; 0 where nothing relevant was judged."""
        return ndcg(self.gains[np.asarray(order, dtype=np.intp)], self.ideal, CUT)


def gains_of(ids: Sequence[str], labels: Mapping[str, str]) -> tuple[FloatArray, FloatArray]:
    """`gains` and `ideal` of an example, from the labels by product id."""
    gains = np.array([GAINS[labels[one]] if one in labels else 0.0 for one in ids])
    ideal = np.sort(np.array([GAINS[label] for label in labels.values()]))[::-1][:CUT]
    return gains, ideal
