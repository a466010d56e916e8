"""What a token costs on this machine at this moment, so that no work is begun that would end too late."""

import threading

from .batching import RUN_COST

WEIGHT = 0.25
"""Of the newest measurement in the mean: a machine that gets busy is noticed within a few micro-batches."""
DEVIATIONS = 2.0
"""An estimate is the mean plus so many mean deviations, as TCP waits for an answer (RFC 6298)."""
BOUND = 4.0
"""A measurement counts at most so many times the mean: one stall must not stop what follows it."""


class Pace:
    """Seconds for a micro-batch of some tokens (padding included), learned from those before it.

    One for each network: a token of a pair costs another time than one of a text. Safe for use by several
    threads.
    """

    def __init__(self) -> None:
        self._mean = 0.0
        self._deviation = 0.0
        self._lock = threading.Lock()

    @property
    def per_token(self) -> float:
        """Seconds, on the safe side; 0 until something was measured."""
        return self._mean + DEVIATIONS * self._deviation

    def took(self, tokens: int, seconds: float) -> None:
        """Learns from a micro-batch."""
        measured = seconds / (tokens + RUN_COST)
        with self._lock:
            if not self._mean:
                self._mean, self._deviation = measured, measured / 8
                return
            error = min(measured, BOUND * self._mean) - self._mean
            self._mean += WEIGHT * error
            self._deviation += WEIGHT * (abs(error) - self._deviation)

    def seconds(self, tokens: int) -> float:
        """What a micro-batch of `tokens` is expected to take."""
        return (tokens + RUN_COST) * self.per_token

    def tokens(self, seconds: float) -> float:
        """The largest micro-batch that would end within `seconds`; negative where none would."""
        if seconds <= 0:
            return -1.0
        per_token = self.per_token
        return seconds / per_token - RUN_COST if per_token else float("inf")
