"""What became of one search."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """In the order of their worth."""

    FULL = "full"
    """Every stage did all it was asked to, within the deadline."""
    DEGRADED = "degraded"
    """Answered within the deadline, but less than all was done."""
    LATE = "late"
    """Not answered within the deadline."""
    FAILED = "failed"
    """Answered with an error: a shopper would have seen one, had the plugin not stepped aside."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search's answer says. `models`: every fingerprint in it; `order`: a digest of the ranking."""

    complete: bool
    reasons: tuple[str, ...] = ()
    models: frozenset[str] = frozenset()
    order: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Times in seconds from the start of the run. The latency counts from when the search was meant to be
    sent: a client that falls behind must not hide that others would have waited."""

    query: int
    intended: float
    done: float
    kind: Kind
    answer: Answer | None

    @property
    def latency(self) -> float:
        """Seconds from the intended send."""
        return self.done - self.intended
