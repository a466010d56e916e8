"""Weights that put the better of two hits above the worse: pairwise logistic regression.

RankNet's loss (Burges et al. 2005) on a linear score. Each pair counts by the difference of the gains and
each query as much as any other. Weights are never negative: every feature is written so that more is better,
and a weight that wants to be negative has found an accident of the queries at hand.
"""

from collections.abc import Sequence

import numpy as np

from sidecar.ranking.standing import FloatArray

MOST_PAIRS = 600
"""Of one query, drawn by a seed: more say the same again."""

LEAST_DIFFERENCE = 0.05
"""Of the gains of a pair: a substitute against a complement is not what the top of a page is about."""


def fit_weights(
    tables: Sequence[FloatArray], gains: Sequence[FloatArray], l2: float, seed: int = 0
) -> FloatArray:
    """float64 [f] for tables [n, f] and gains [n], one of each a query. `l2` pulls the weights to 0.

    Raises ValueError where no query has a better and a worse hit.
    """
    from scipy.optimize import minimize

    differences, shares = _pairs(tables, gains, np.random.default_rng(seed))
    queries = len(tables)

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        margins = differences @ weights
        wrong = 1 / (1 + np.exp(np.clip(margins, -500, 500)))
        value = float(shares @ np.logaddexp(0, -margins)) + l2 / 2 * float(weights @ weights)
        return value / queries, (l2 * weights - differences.T @ (shares * wrong)) / queries

    width = differences.shape[1]
    found = minimize(loss, np.zeros(width), jac=True, method="L-BFGS-B", bounds=[(0, None)] * width)
    return np.asarray(found.x)


def _pairs(
    tables: Sequence[FloatArray], gains: Sequence[FloatArray], generator: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Better minus worse [p, f], and what each pair counts [p]."""
    differences, shares = [], []
    for table, gain in zip(tables, gains, strict=True):
        better, worse = np.nonzero(gain[:, None] - gain[None, :] > LEAST_DIFFERENCE)
        if not len(better):
            continue
        if len(better) > MOST_PAIRS:
            drawn = generator.choice(len(better), MOST_PAIRS, replace=False)
            better, worse = better[drawn], worse[drawn]
        differences.append(table[better] - table[worse])
        share = gain[better] - gain[worse]
        shares.append(share / share.sum())
    if not differences:
        raise ValueError("no query has both a better and a worse hit among its candidates")
    return np.concatenate(differences), np.concatenate(shares)
