"""The contract of everything that scores texts against a query and hands out the texts' vectors.

Errors:

    ScorerError               the stage steps aside; `reason` is the word in the answer
    ├── ScorerUnavailable     nobody answers                                  scorer_unavailable
    │   └── ScorerModelLost   the server answers, but has not got the model   model_unavailable
    ├── ScorerOverloaded      refused, because too many others wait           scorer_overloaded
    ├── ScorerLate            nothing was scored within the deadline          out_of_time
    ├── ScorerWithoutVectors  this model scores, but makes no vectors         scorer_failed
    └── ScorerFailed          an error, or an answer that cannot be trusted   scorer_failed
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import SkipReason

Answer = TypeVar("Answer")

ScoreArray = npt.NDArray[np.float32]
VectorArray = npt.NDArray[np.float32]

CANARY_QUERY = "red shoes"
CANARY_TEXT = "red running shoes for women"

LENGTH_TOLERANCE = 0.02
"""How far from 1 a vector's length may be: half precision and 8 bits stay within a tenth of this."""


class ScorerError(Exception):
    """No scores; why, is in the subclass."""

    reason = SkipReason.SCORER_FAILED


class ScorerUnavailable(ScorerError):
    """Nobody answers."""

    reason = SkipReason.SCORER_UNAVAILABLE


class ScorerModelLost(ScorerUnavailable):
    """The server answers, but its model is not loaded, or the process that runs it is dead."""

    reason = SkipReason.MODEL_UNAVAILABLE


class ScorerOverloaded(ScorerError):
    """Refused, because too many others wait."""

    reason = SkipReason.SCORER_OVERLOADED


class ScorerLate(ScorerError):
    """Nothing was scored within the deadline."""

    reason = SkipReason.OUT_OF_TIME


class ScorerWithoutVectors(ScorerError):
    """The model scores, but was built without vectors."""


class ScorerFailed(ScorerError):
    """An error, or an answer that cannot be trusted."""


@dataclass(frozen=True, slots=True)
class Scores:
    """`values` float32 [n], higher is better, NaN where the time did not suffice; `model` is what scored."""

    values: ScoreArray
    model: str


@dataclass(frozen=True, slots=True)
class Vectors:
    """`values` float32 [n, d], rows of length 1, NaN rows where the time did not suffice; `model` made them.

    A row of zeros: the model cannot read that text, and has no opinion on it.
    The dot product of two rows says how near two texts are in meaning, whatever `Scores` of the same model
    are made of.
    """

    values: VectorArray
    model: str


class Scorer(Protocol):
    """Scores texts against a query, and embeds texts."""

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

    async def embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
        """Vectors of texts (documents or queries) in order of priority, best first, before the deadline.

        What does not fit into the time is a row of NaN, but at least one text is embedded; for no texts
        [0, 0]. Cancelling the task stops the work. Raises ScorerError and nothing else.
        """
        ...

    async def canary(self, deadline: Deadline) -> None:
        """Scores a small text, as proof that the whole way works. Raises ScorerError."""
        ...

    async def close(self) -> None:
        """Gives back what the scorer holds."""
        ...


class CheckedScorer(ABC):
    """The contract kept in one place: what `_score` and `_embed` of a subclass answer is checked here."""

    reads_text = True

    def __init__(self) -> None:
        self.model = ""

    async def score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        """See `Scorer`."""
        if not texts:
            return Scores(np.empty(0, np.float32), self.model)
        answer = await _in_time(self._score(query, texts, deadline), deadline)
        _check_scores(answer, len(texts))
        self.model = answer.model
        return answer

    async def embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
        """See `Scorer`."""
        if not texts:
            return Vectors(np.empty((0, 0), np.float32), self.model)
        answer = await _in_time(self._embed(texts, deadline), deadline)
        _check_vectors(answer, len(texts))
        self.model = answer.model
        return answer

    async def canary(self, deadline: Deadline) -> None:
        """See `Scorer`."""
        await self.score(CANARY_QUERY, [CANARY_TEXT], deadline)

    @abstractmethod
    async def _score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        """Scores for at least one text. Raises ScorerError; is cancelled when the time is up."""

    @abstractmethod
    async def _embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
        """Vectors of at least one text. Raises ScorerError; is cancelled when the time is up."""

    async def close(self) -> None:  # noqa: B027 - most scorers hold nothing
        """See `Scorer`."""


async def _in_time(work: Coroutine[Any, Any, Answer], deadline: Deadline) -> Answer:
    """What `work` answers. Raises ScorerLate where the deadline comes first; then the work is cancelled."""
    remaining = deadline.remaining()
    if remaining <= 0:
        work.close()
        raise ScorerLate("no time left")
    try:
        async with asyncio.timeout(remaining):
            return await work
    except TimeoutError:
        raise ScorerLate("no answer in time") from None


def _check_scores(answer: Scores, expected: int) -> None:
    """Raise ScorerFailed for an answer that is not `expected` usable numbers."""
    values = answer.values
    if values.shape != (expected,):
        raise ScorerFailed(f"{expected} scores expected, found an array of shape {values.shape}")
    if np.isinf(values).any():
        raise ScorerFailed("a score is infinite")
    if np.isnan(values).all():
        raise ScorerLate("no text was scored in time")
    _check_model(answer.model)


def _check_vectors(answer: Vectors, expected: int) -> None:
    """Raise ScorerFailed for an answer that is not `expected` usable vectors."""
    values = answer.values
    if values.ndim != 2 or len(values) != expected:
        raise ScorerFailed(f"{expected} vectors expected, found an array of shape {values.shape}")
    if not values.shape[1]:
        raise ScorerWithoutVectors("the model makes no vectors: build it with `--vectors minilm-l6`")
    late = np.isnan(values).all(axis=1)
    if late.all():
        raise ScorerLate("no text was embedded in time")
    # A NaN or an infinity in any of the other rows makes its length one too.
    lengths = np.sqrt(np.einsum("nd,nd->n", values[~late], values[~late]))
    if not ((np.abs(lengths - 1) <= LENGTH_TOLERANCE) | (lengths == 0)).all():
        raise ScorerFailed("a vector is neither of length 1 nor all zeros")
    _check_model(answer.model)


def _check_model(model: str) -> None:
    """Raise ScorerFailed for an answer of nobody."""
    if not model:
        raise ScorerFailed("the answer does not say which model it is from")
