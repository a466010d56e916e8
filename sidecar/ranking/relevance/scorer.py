"""The contract of everything that scores texts against a query.

Errors:

    ScorerError               the stage steps aside; `reason` is the word in the answer
    ├── ScorerUnavailable     nobody answers, or the model is not loaded      scorer_unavailable
    ├── ScorerOverloaded      refused, because too many others wait           scorer_overloaded
    ├── ScorerLate            nothing was scored within the deadline          out_of_time
    └── ScorerFailed          an error, or an answer that cannot be trusted   scorer_failed
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import SkipReason

ScoreArray = npt.NDArray[np.float32]

CANARY_QUERY = "red shoes"
CANARY_TEXT = "red running shoes for women"


class ScorerError(Exception):
    """No scores; why, is in the subclass."""

    reason = SkipReason.SCORER_FAILED


class ScorerUnavailable(ScorerError):
    """Nobody answers, or the model is not loaded."""

    reason = SkipReason.SCORER_UNAVAILABLE


class ScorerOverloaded(ScorerError):
    """Refused, because too many others wait."""

    reason = SkipReason.SCORER_OVERLOADED


class ScorerLate(ScorerError):
    """Nothing was scored within the deadline."""

    reason = SkipReason.OUT_OF_TIME


class ScorerFailed(ScorerError):
    """An error, or an answer that cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Scores:
    """`values` float32 [n], higher is better, NaN where the time did not suffice; `model` is what scored."""

    values: ScoreArray
    model: str


class Scorer(Protocol):
    """Scores texts against a query."""

    reads_text: bool
    """False: positions alone decide, so that texts need not be made and scores cannot be cached."""

    model: str
    """The fingerprint of the model as last seen; empty before the first answer."""

    async def score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        """Scores for texts in order of priority, best first, before the deadline.

        What does not fit into the time is NaN, but at least one text is scored. Cancelling the task
        stops the scoring. Raises ScorerError and nothing else.
        """
        ...

    async def canary(self, deadline: Deadline) -> None:
        """Scores a small text, as proof that the whole way works. Raises ScorerError."""
        ...

    async def close(self) -> None:
        """Gives back what the scorer holds."""
        ...


class CheckedScorer(ABC):
    """The contract kept in one place: subclasses write `_score`, and what they answer is checked here."""

    reads_text = True

    def __init__(self) -> None:
        self.model = ""

    async def score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        """See `Scorer`."""
        if not texts:
            return Scores(np.empty(0, np.float32), self.model)
        remaining = deadline.remaining()
        if remaining <= 0:
            raise ScorerLate("no time left")
        try:
            async with asyncio.timeout(remaining):
                answer = await self._score(query, texts, deadline)
        except TimeoutError:
            raise ScorerLate("no answer in time") from None
        _check(answer, len(texts))
        self.model = answer.model
        return answer

    async def canary(self, deadline: Deadline) -> None:
        """See `Scorer`."""
        await self.score(CANARY_QUERY, [CANARY_TEXT], deadline)

    @abstractmethod
    async def _score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        """Scores for at least one text. Raises ScorerError; is cancelled when the time is up."""

    async def close(self) -> None:  # noqa: B027 - most scorers hold nothing
        """See `Scorer`."""


def _check(answer: Scores, expected: int) -> None:
    """Raise ScorerFailed for an answer that is not `expected` usable numbers."""
    values = answer.values
    if values.shape != (expected,):
        raise ScorerFailed(f"{expected} scores expected, found an array of shape {values.shape}")
    if np.isinf(values).any():
        raise ScorerFailed("a score is infinite")
    if np.isnan(values).all():
        raise ScorerLate("no text was scored in time")
    if not answer.model:
        raise ScorerFailed("the answer does not say which model scored")
