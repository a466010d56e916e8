"""Whether the scorer can be used right now, found out by canaries instead of by shoppers."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from tenacity import AsyncRetrying, retry_if_exception_type, wait_exponential

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.scorer import (
    Answer,
    Scorer,
    ScorerError,
    ScorerFailed,
    ScorerLate,
    ScorerModelLost,
    ScorerOverloaded,
    ScorerUnavailable,
    ScorerWithoutVectors,
    Scores,
    Vectors,
)
from sidecar.telemetry.metrics import Metrics

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CanaryPlan:
    """Seconds between probes, between retries while unusable, and for one probe; failures until unusable."""

    interval: float = 5.0
    retry: float = 0.25
    timeout: float = 2.0
    failures: int = 3


DOUBT_TIMEOUT = 0.5
"""Seconds for a canary that late searches called for: a frozen scorer must not cost many more of them."""


class Repair(Protocol):
    """Mends a scorer, as far as that can be done from here."""

    async def consider(self, error: ScorerError) -> None:
        """Hears of a failed canary; does something about it, or nothing. Never raises."""
        ...

    def mended(self) -> None:
        """Hears that the scorer answers."""
        ...


class WatchedScorer:
    """A scorer behind a breaker: unusable until a canary was scored, and again after failures in a row.

    While it is unusable a search is refused at once with ScorerUnavailable, so that a dead scorer costs
    nothing, and canaries go on until one is answered. Searches that come too late may have had too little
    time: they call for a canary, and only that one's failure counts.
    """

    def __init__(
        self, scorer: Scorer, plan: CanaryPlan, metrics: Metrics, repair: Repair | None = None
    ) -> None:
        """`repair` hears of every canary that fails while the scorer is unusable."""
        self._scorer = scorer
        self._plan = plan
        self._metrics = metrics
        self._repair = repair
        self._why: ScorerError | None = None
        self._failures_in_a_row = 0
        self._late_in_a_row = 0
        self._attention = asyncio.Event()
        self._usable = asyncio.Event()
        self._unusable = asyncio.Event()
        self._unusable.set()
        self.reads_text = scorer.reads_text
        self.model = scorer.model

    @property
    def usable(self) -> bool:
        """Whether searches are passed on."""
        return self._usable.is_set()

    @property
    def why(self) -> ScorerError | None:
        """What went wrong last; None while it answers."""
        return self._why

    def rest(self) -> None:
        """Unusable from now on, and until it is watched again."""
        self._set_usable(False)

    async def wait_until(self, *, usable: bool) -> None:
        """Returns once it is, or is not, usable."""
        await (self._usable if usable else self._unusable).wait()

    async def watch(self) -> None:
        """Probes for ever; to be run as a task."""
        while True:
            await self._probe_until_answered()
            self._set_usable(True)
            while self.usable:
                self._attention.clear()
                failing = self._failures_in_a_row > 0
                pause = self._plan.retry if failing else self._plan.interval
                # Not wait_for: before Python 3.12 it loses a cancellation that meets the end of the wait.
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._attention.wait()
                if self.usable:
                    await self._probe_once()

    async def score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        """See `Scorer`."""
        answer = await self._counted(self._scorer.score(query, texts, deadline))
        self.model = answer.model
        return answer

    async def embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
        """See `Scorer`."""
        answer = await self._counted(self._scorer.embed(texts, deadline))
        self.model = answer.model
        return answer

    async def canary(self, deadline: Deadline) -> None:
        """Passed on, whether usable or not."""
        await self._scorer.canary(deadline)

    async def close(self) -> None:
        """Passed on."""
        await self._scorer.close()

    async def _counted(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """What a search asked the scorer for; how it went tells whether the scorer is usable."""
        if not self.usable:
            work.close()
            lost = isinstance(self._why, ScorerModelLost)
            raise (ScorerModelLost if lost else ScorerUnavailable)("the scorer did not answer its canary")
        try:
            answer = await work
        except (ScorerOverloaded, ScorerWithoutVectors):
            raise  # it lives
        except ScorerLate:
            self._late_in_a_row += 1
            if self._late_in_a_row == self._plan.failures:
                self._attention.set()
            raise
        except ScorerError as error:
            self._failed(error)
            raise
        self._failures_in_a_row = self._late_in_a_row = 0
        return answer

    async def _probe_until_answered(self) -> None:
        retry = retry_if_exception_type(ScorerError)
        wait = wait_exponential(self._plan.retry, min=self._plan.retry, max=max(self._plan.retry, 2.0))
        async for attempt in AsyncRetrying(retry=retry, wait=wait, sleep=asyncio.sleep):
            with attempt:
                if attempt.retry_state.attempt_number == 2:
                    log.warning("the scorer does not answer yet; trying on: %s", self._why)
                await self._canary_or_repair()

    async def _canary_or_repair(self) -> None:
        try:
            await self._canary(self._plan.timeout)
        except ScorerError as error:
            if self._repair is not None:
                await self._repair.consider(error)
            raise

    async def _probe_once(self) -> None:
        in_doubt = self._late_in_a_row >= self._plan.failures
        try:
            await self._canary(min(DOUBT_TIMEOUT, self._plan.timeout) if in_doubt else self._plan.timeout)
        except ScorerOverloaded:
            self._late_in_a_row = 0
        except ScorerError as error:
            self._failed(error, enough=in_doubt)
        else:
            self._failures_in_a_row = self._late_in_a_row = 0

    async def _canary(self, timeout: float) -> None:  # noqa: ASYNC109 - passed on as a deadline
        """One probe, counted."""
        try:
            await self._scorer.canary(Deadline.after(timeout))
        except ScorerError as error:
            self._metrics.canaries.labels(error.reason).inc()
            self._why = error
            raise
        except Exception as error:
            self._metrics.canaries.labels("error").inc()
            log.exception("the canary failed in an unknown way")
            raise ScorerFailed(str(error)) from error
        self._metrics.canaries.labels("ok").inc()
        self.model = self._scorer.model

    def _failed(self, error: ScorerError, *, enough: bool = False) -> None:
        """Counts a failure; `enough`: it needs no others beside it."""
        self._failures_in_a_row += 1
        self._why = error
        if self.usable and (enough or self._failures_in_a_row >= self._plan.failures):
            log.warning("the scorer is left alone until its canary is scored: %s", error)
            self._set_usable(False)

    def _set_usable(self, usable: bool) -> None:
        if usable:
            log.info("the scorer answers", extra={"model": self.model})
            self._failures_in_a_row = self._late_in_a_row = 0
            self._why = None
            if self._repair is not None:
                self._repair.mended()
            self._unusable.clear()
            self._usable.set()
        else:
            self._usable.clear()
            self._unusable.set()
            self._attention.set()
        self._metrics.scorer_usable.set(int(usable))
