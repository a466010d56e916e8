"""Brings an activation's channels nearer to each other before rounding (SmoothQuant, arXiv:2211.10438).

x @ W = (x · f) @ (W / f) for any factors f, one a channel. Small factors for large channels leave the small
ones more steps, and cost the weights some of theirs. How far to go is tried out on the calibration's rows.
"""

from collections.abc import Sequence

import numpy as np

from sidecar.model.activation import Activation, rounded, scales_of, steps_of
from sidecar.model.bert import Array

SHARES: Sequence[float] = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""How much of the difference in size moves into the weights: 0 is nothing, 1 is all."""


def smoothing(rows: Array, weight: Array, margin: float) -> Array:
    """The factors, float32 [in], with the least error of rows [n, in] @ weight [in, out] in 8 bits."""
    exact = rows @ weight
    tried = [_factors(rows, weight, share) for share in SHARES]
    return min(
        tried, key=lambda factors: float(np.square(_in_8_bits(rows, weight, factors, margin) - exact).sum())
    )


def _factors(rows: Array, weight: Array, share: float) -> Array:
    largest = np.maximum(np.abs(rows).max(axis=0), 1e-5)
    if not share:
        return np.ones_like(largest)
    factors = np.maximum(np.abs(weight).max(axis=1), 1e-5) ** (1 - share) / largest**share
    scaled: Array = (factors / np.median(factors)).astype(np.float32)
    return scaled


def _in_8_bits(rows: Array, weight: Array, factors: Array, margin: float) -> Array:
    rows, weight = rows * factors, weight / factors[:, None]
    steps = steps_of(Activation(rows.min(axis=0), rows.max(axis=0), rows), margin)
    scale = scales_of(weight)
    answer: Array = rounded(rows, steps) @ (np.rint(weight / scale) * scale)
    return answer
