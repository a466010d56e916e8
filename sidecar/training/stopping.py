"""Ends a run that goes nowhere: it says why, instead of writing a model that is worth nothing."""

import math
from collections import deque
from statistics import fmean

from sidecar.training.errors import TrainingError

WINDOW = 20
WORSE = 3.0


class Divergence:
    """Watches the loss of every step. Raises TrainingError when it is no number, or has grown threefold."""

    def __init__(self) -> None:
        self._first: list[float] = []
        self._last: deque[float] = deque(maxlen=WINDOW)

    def seen(self, step: int, loss: float) -> None:
        """Takes a step's loss."""
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss is {loss} at step {step}: the run diverges. Lower optimization.learning_rate, "
                "or clip harder (optimization.clip)."
            )
        if len(self._first) < WINDOW:
            self._first.append(loss)
            return
        self._last.append(loss)
        if len(self._last) == WINDOW and fmean(self._last) > WORSE * fmean(self._first) + 1e-6:
            raise TrainingError(
                f"the loss rose from {fmean(self._first):.3f} to {fmean(self._last):.3f} at step {step}: "
                "the run diverges. Lower optimization.learning_rate."
            )
