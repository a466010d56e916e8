"""Rounds a weight matrix so that its errors cancel each other on what it is multiplied with.

The error of rounding one input channel's weights is made up for in the channels that are not rounded yet
(GPTQ, arXiv:2210.17323). It costs the build seconds, and serving nothing.
"""

import numpy as np
from numpy.typing import NDArray

from sidecar.model.activation import LARGEST_WEIGHT, scales_of
from sidecar.model.bert import Array

DAMPING = 0.05
"""Of the mean square of a channel: the calibration's rows are few, and not all there is."""
BLOCK = 64
"""So many channels are rounded before what they leave is taken from all others."""


def rounded_for(weight: Array, rows: Array) -> tuple[NDArray[np.int8], Array]:
    """int8 [in, out] and scales float32 [out], for rows [n, in] that will be multiplied with them."""
    scale = scales_of(weight)
    square = rows.T @ rows
    square[np.diag_indices_from(square)] += DAMPING * max(float(np.trace(square)) / len(square), 1e-12)
    # The channels that matter most are rounded first, while all others can still make up for them.
    order = np.argsort(-np.diag(square), kind="stable")
    spread = np.linalg.cholesky(np.linalg.inv(square[np.ix_(order, order)])).T
    left = weight[order].astype(np.float32)
    whole = np.zeros(weight.shape, dtype=np.int8)
    for start in range(0, len(left), BLOCK):
        block = range(start, min(start + BLOCK, len(left)))
        errors = np.zeros((len(block), left.shape[1]), dtype=np.float32)
        for place in block:
            value = np.clip(np.rint(left[place] / scale), -LARGEST_WEIGHT, LARGEST_WEIGHT)
            whole[order[place]] = value
            error = (left[place] - value * scale) / spread[place, place]
            left[place + 1 : block.stop] -= np.outer(spread[place, place + 1 : block.stop], error)
            errors[place - start] = error
        left[block.stop :] -= spread[start : block.stop, block.stop :].T @ errors
    return whole, scale
