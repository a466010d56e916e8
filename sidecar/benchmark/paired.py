"""Statistics of interleaved, paired timings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Latency:
    """Percentiles of one arm, in milliseconds."""

    p50: float
    p95: float
    p99: float
    count: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Latency":
        p50, p95, p99 = np.percentile(np.asarray(seconds) * 1000, [50, 95, 99])
        return cls(round(float(p50), 2), round(float(p95), 2), round(float(p99), 2), len(seconds))


@dataclass(frozen=True, slots=True)
class Difference:
    """The median of paired differences (arm minus baseline) in milliseconds, 95 % bootstrap interval."""

    median_ms: float
    ci95: tuple[float, float]
    ratio: float

    @classmethod
    def of(cls, arm: Sequence[float], baseline: Sequence[float], seed: int = 0) -> "Difference":
        """`arm[i]` and `baseline[i]` are seconds of the same search, run next to each other."""
        if len(arm) != len(baseline) or not arm:
            raise ValueError(f"pairs expected, found {len(arm)} and {len(baseline)} timings")
        first, second = np.asarray(arm), np.asarray(baseline)
        differences = (first - second) * 1000
        low, high = _interval(differences, seed)
        ratio = float(np.median(first) / np.median(second))
        return cls(
            round(float(np.median(differences)), 3),
            (round(low, 3), round(high, 3)),
            round(ratio, 2),
        )


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of paired ratios (arm over baseline), 95 % bootstrap interval; 2 is twice as long."""

    median: float
    ci95: tuple[float, float]

    @classmethod
    def of(cls, arm: Sequence[float], baseline: Sequence[float], seed: int = 0) -> "Ratio":
        """`arm[i]` and `baseline[i]` are seconds of the same work, done next to each other."""
        if len(arm) != len(baseline) or not arm:
            raise ValueError(f"pairs expected, found {len(arm)} and {len(baseline)} timings")
        ratios = np.asarray(arm) / np.asarray(baseline)
        low, high = _interval(ratios, seed)
        return cls(round(float(np.median(ratios)), 3), (round(low, 3), round(high, 3)))


def _interval(values: NDArray[np.float64], seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the median."""
    generator = np.random.default_rng(seed)
    draws = generator.integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(np.median(values[draws], axis=1), [2.5, 97.5])
    return float(low), float(high)
