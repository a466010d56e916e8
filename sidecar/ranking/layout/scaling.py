"""Scores scaled over the window, so that a factor means the same for every model and query."""

from sidecar.ranking.standing import FloatArray

LEAST = 0.1
"""What the worst score counts: above 0, or no factor would move it."""


class Scale:
    """From the relevance stage's unit to LEAST–1 and back. Where all scores are equal each counts 1."""

    __slots__ = ("_low", "unit")

    def __init__(self, scores: FloatArray) -> None:
        """`scores` float64 [n] never increase."""
        high, low = (float(scores[0]), float(scores[-1])) if len(scores) else (0.0, 0.0)
        spread = high - low
        # Scores so near each other that a division would say nothing are equal.
        equal = spread <= 1e-12 * max(1.0, abs(high), abs(low))
        self._low = low - (1.0 - LEAST) if equal else low
        self.unit = 1.0 if equal else spread / (1.0 - LEAST)

    def scaled(self, scores: FloatArray) -> FloatArray:
        """float64 [n], LEAST to 1."""
        return LEAST + (scores - self._low) / self.unit

    def back(self, scaled: FloatArray) -> FloatArray:
        """float64 [n] in the relevance stage's unit."""
        return self._low + (scaled - LEAST) * self.unit
