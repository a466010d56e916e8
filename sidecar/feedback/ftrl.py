"""FTRL-proximal, coordinate by coordinate (McMahan et al., "Ad click prediction", KDD 2013, algorithm 1)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rate:
    """Learning rate α / (β + √n) of each coordinate, and how strongly weights are drawn to 0."""

    alpha: float = 0.05
    beta: float = 1.0
    l1: float = 0.0
    l2: float = 1.0


def weights(z: Numbers, n: Numbers, rate: Rate) -> Numbers:
    """The weights [f] of a state: `z` [f] and the sums of squared gradients `n` [f]."""
    shrunk = np.sign(z) * np.maximum(np.abs(z) - rate.l1, 0.0)
    return np.asarray(-shrunk / ((rate.beta + np.sqrt(n)) / rate.alpha + rate.l2))


def step(z: Numbers, n: Numbers, gradient: Numbers, rate: Rate) -> tuple[Numbers, Numbers]:
    """What a gradient of the loss [f] adds to `z` and to `n`.

    Steps of several learners, each from a state that it has read, add up.
    """
    squared = gradient * gradient
    sigma = (np.sqrt(n + squared) - np.sqrt(n)) / rate.alpha
    return gradient - sigma * weights(z, n, rate), squared
