"""Numbers in 8 bits: what is known of an activation, and the steps that it and a weight are rounded to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sidecar.model.bert import Array

LARGEST_WEIGHT = 63
"""Weights use 7 bits: processors without VNNI add two products in 16 bits, which 8 bits would overflow.
So the result is the same on all processors."""
LARGEST_ACTIVATION = 255


@dataclass(frozen=True)
class Activation:
    """Least and greatest value of each channel, float32 [channels] each, and some rows [n, channels]."""

    low: Array
    high: Array
    rows: Array

    def times(self, factors: Array) -> "Activation":
        """With each channel multiplied by its factor, 0 or more."""
        return Activation(self.low * factors, self.high * factors, self.rows * factors)

    def without(self, channels: NDArray[np.int64]) -> "Activation":
        """With these channels 0."""
        kept = np.ones_like(self.low)
        kept[channels] = 0
        return self.times(kept)

    def largest(self, count: int) -> NDArray[np.int64]:
        """The channels of the greatest size, in their order."""
        size = np.maximum(np.abs(self.low), np.abs(self.high))
        return np.sort(np.argsort(size, kind="stable")[len(size) - count :]).astype(np.int64)


@dataclass(frozen=True)
class Steps:
    """An activation's value is about (rounded − zero) · size, with rounded from 0 to 255."""

    size: float
    zero: int


def steps_of(activation: Activation, margin: float) -> Steps:
    """Steps for all channels alike, wide enough for `margin` times what was seen."""
    low = margin * min(float(activation.low.min()), 0.0)
    high = margin * max(float(activation.high.max()), low + 1e-3, 1e-3)
    size = (high - low) / LARGEST_ACTIVATION
    return Steps(size, int(np.clip(np.rint(-low / size), 0, LARGEST_ACTIVATION)))


def rounded(rows: Array, steps: Steps) -> Array:
    """The values that are left of `rows`, float32."""
    whole = np.clip(np.rint(rows / steps.size) + steps.zero, 0, LARGEST_ACTIVATION) - steps.zero
    values: Array = (whole * steps.size).astype(np.float32)
    return values


def scales_of(weight: Array) -> Array:
    """The step of each output channel of a weight [in, out], float32 [out]."""
    scales: Array = (np.maximum(np.abs(weight).max(axis=0), 1e-9) / LARGEST_WEIGHT).astype(np.float32)
    return scales
