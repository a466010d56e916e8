"""Scores and vectors from an ONNX model in this process, for machines where Triton cannot run."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import numpy as np

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.scorer import (
    CheckedScorer,
    ScoreArray,
    ScorerFailed,
    ScorerOverloaded,
    Scores,
    VectorArray,
    Vectors,
)

RETURN_RESERVE = 0.002
"""Seconds for the way from the engine's thread to the caller."""


Result = TypeVar("Result")


class Scored(Protocol):
    """What an engine answers; NaN where it was stopped."""

    @property
    def scores(self) -> ScoreArray:
        """float32 [n]."""
        ...


class Engine(Protocol):
    """The part of `sidecar.inference.Encoder` that is used here.

    Blocks; begins nothing that would not end within the `remaining` seconds, nor once `cancelled` is true.
    """

    @property
    def fingerprint(self) -> str:
        """Changes when anything that changes scores does."""
        ...

    def score(
        self,
        queries: Sequence[str],
        texts: Sequence[str],
        *,
        remaining: Callable[[], float],
        cancelled: Callable[[], bool],
    ) -> Scored:
        """A score for each pair, NaN where there was no time."""
        ...

    def embed(
        self, texts: Sequence[str], *, remaining: Callable[[], float], cancelled: Callable[[], bool]
    ) -> VectorArray:
        """A vector for each text, float32 [n, d] of length 1, NaN where there was no time."""
        ...


class OnnxScorer(CheckedScorer):
    """One engine in one thread: the runtime itself uses the cores, and the event loop stays free."""

    def __init__(self, engine: Engine, *, max_waiting: int = 16) -> None:
        """At most `max_waiting` calls queue for the engine; more are refused as overload."""
        super().__init__()
        self._engine = engine
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="onnx")
        self._max_waiting = max_waiting
        self._waiting = 0

    async def _score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        queries, texts = [query] * len(texts), list(texts)
        answer = await self._in_thread(
            lambda cancelled: self._engine.score(
                queries, texts, remaining=time_for(deadline), cancelled=cancelled
            )
        )
        return Scores(np.asarray(answer.scores), self._engine.fingerprint)

    async def _embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
        texts = list(texts)
        values = await self._in_thread(
            lambda cancelled: self._engine.embed(texts, remaining=time_for(deadline), cancelled=cancelled)
        )
        return Vectors(np.asarray(values), self._engine.fingerprint)

    async def _in_thread(self, work: Callable[[Callable[[], bool]], Result]) -> Result:
        """What `work` answers, in the engine's thread and in turn. Raises ScorerError."""
        if self._waiting >= self._max_waiting:
            raise ScorerOverloaded(f"{self._waiting} calls wait for the model already")
        given_up = threading.Event()
        self._waiting += 1
        running = self._thread.submit(_run, work, given_up)
        try:
            return await asyncio.wrap_future(running)
        finally:
            given_up.set()
            self._waiting -= 1

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def time_for(deadline: Deadline) -> Callable[[], float]:
    """The seconds that an engine has, without those for the way back."""
    return lambda: deadline.remaining() - RETURN_RESERVE


def _run(work: Callable[[Callable[[], bool]], Result], given_up: threading.Event) -> Result:
    try:
        return work(given_up.is_set)
    except Exception as error:
        raise ScorerFailed(f"{type(error).__name__}: {error}") from error
