"""Whether one ranking is better than another, or was lucky with the queries."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sidecar.evaluation.measures import Values

RESAMPLES = 10_000
AT_ONCE = 1_000
TIE = 1e-9
"""Smaller differences of a query are the arithmetic's."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The mean difference arm minus baseline over the same queries.

    `ci95` and `p` are the bootstrap's, `p_randomization` the randomisation test's. `wins`, `losses` and
    `ties` count queries.
    """

    arm: str
    baseline: str
    metric: str
    delta: float
    ci95: tuple[float, float]
    p: float
    p_randomization: float
    wins: int
    losses: int
    ties: int


def compare(
    arm: str, baseline: str, metric: str, values: Values, baseline_values: Values, *, seed: int = 0
) -> Comparison:
    """A paired bootstrap and a paired randomisation test over the queries."""
    differences = values - baseline_values
    interval, p = bootstrap(differences, seed=seed)
    return Comparison(
        arm,
        baseline,
        metric,
        float(differences.mean()),
        interval,
        p,
        p_randomization=randomization(differences, seed=seed),
        wins=int(np.sum(differences > TIE)),
        losses=int(np.sum(differences < -TIE)),
        ties=int(np.sum(np.abs(differences) <= TIE)),
    )


def bootstrap(values: Values, *, seed: int = 0) -> tuple[tuple[float, float], float]:
    """The 95 % interval of the mean, and the p-value of its being 0.

    Queries are drawn again with replacement, 10,000 times. The interval is the percentile interval. p is
    two-sided: twice the share of resamples whose mean has the other sign or none, never 0 (Davison and
    Hinkley 1997, chapter 4).
    """
    generator = np.random.default_rng(seed)
    means = np.concatenate(
        [
            values[generator.integers(0, len(values), (count, len(values)))].mean(axis=1)
            for count in _portions()
        ]
    )
    low, high = np.percentile(means, [2.5, 97.5])
    at_most_zero, at_least_zero = np.sum(means <= 0), np.sum(means >= 0)
    p = 2 * (1 + min(at_most_zero, at_least_zero)) / (1 + RESAMPLES)
    return (float(low), float(high)), min(1.0, float(p))


def randomization(differences: Values, *, seed: int = 0) -> float:
    """The two-sided p-value of a paired randomisation test (Fisher 1935; Smucker, Allan, Carterette 2007).

    If the arms were the same, the sign of every query's difference would be a coin's: p is the share of
    10,000 such tosses whose mean is as far from 0 as the one found, never 0.
    """
    generator = np.random.default_rng(seed)
    found = abs(float(differences.sum()))
    as_far = 0
    for count in _portions():
        signs = 2.0 * generator.integers(0, 2, (count, len(differences))) - 1.0
        as_far += int(np.sum(np.abs(signs @ differences) >= found - TIE))
    return (1 + as_far) / (1 + RESAMPLES)


def _portions() -> Iterator[int]:
    """The resamples in portions, so that a large set of queries does not fill the memory."""
    for begin in range(0, RESAMPLES, AT_ONCE):
        yield min(AT_ONCE, RESAMPLES - begin)
