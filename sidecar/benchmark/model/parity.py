"""Do the arms compute the same? Logits for fp32, order for int8."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

EXACT = 1e-3
"""Most that a logit of fp32 may be off."""


@dataclass(frozen=True, slots=True)
class Parity:
    """An arm's scores against the reference's: a logit's largest difference, the mean rank correlation."""

    largest: float
    spearman: float

    def exact(self) -> bool:
        """Whether it may be compared as fp32."""
        return self.largest < EXACT


def compare(scores: Sequence[NDArray[np.float32]], reference: Sequence[NDArray[np.float32]]) -> Parity:
    """`scores` and `reference`: float32 [n] a request."""
    largest = max(float(np.abs(mine - theirs).max()) for mine, theirs in zip(scores, reference, strict=True))
    ranks = [
        float(spearmanr(mine, theirs).statistic)
        for mine, theirs in zip(scores, reference, strict=True)
        if len(mine) > 1
    ]
    return Parity(largest, float(np.mean(ranks)) if ranks else 1.0)
