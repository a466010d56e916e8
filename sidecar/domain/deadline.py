"""A point in time by which an answer must be given."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, in seconds. Stages ask what remains; they never store a timeout."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The moment `seconds` from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - time.monotonic())

    def earlier_by(self, seconds: float) -> "Deadline":
        """The same deadline with `seconds` kept back for what comes after a stage."""
        return Deadline(self.at - seconds)
