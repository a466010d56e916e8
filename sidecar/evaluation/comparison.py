"""Whether one ranking is better than another, or was lucky with the queries."""

from dataclasses import dataclass

import numpy as np

from sidecar.evaluation.measures import Values

RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """The mean difference arm minus baseline over the same queries, its 95 % interval and p-value."""

    arm: str
    baseline: str
    metric: str
    delta: float
    ci95: tuple[float, float]
    p: float


def compare(
    arm: str, baseline: str, metric: str, values: Values, baseline_values: Values, *, seed: int = 0
) -> Comparison:
    """A paired bootstrap: queries are drawn again with replacement, 10,000 times.

    The interval is the percentile interval. p is two-sided: twice the share of resamples in which the
    difference has the other sign or none, never 0 (Davison and Hinkley 1997, chapter 4).
    """
    differences = values - baseline_values
    draws = np.random.default_rng(seed).integers(0, len(differences), (RESAMPLES, len(differences)))
    means = differences[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    at_most_zero, at_least_zero = np.sum(means <= 0), np.sum(means >= 0)
    p = 2 * (1 + min(at_most_zero, at_least_zero)) / (1 + RESAMPLES)
    return Comparison(
        arm, baseline, metric, float(differences.mean()), (float(low), float(high)), min(1.0, float(p))
    )
