"""A candidate model ranks a share of the searches as well, unheard, and the difference is measured."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic, perf_counter

import numpy as np

from sidecar.config.profile import Profile
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import Search
from sidecar.ranking.relevance.cache import normalised
from sidecar.ranking.stage import Stage, StageResult, StageSkipped
from sidecar.ranking.standing import Standing
from sidecar.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

QUEUE = 8
MOST_BUSY = 4
"""Searches in flight above which nothing is shadowed: the models share the machine."""
LONGEST_WAIT = 1.0
"""Seconds in the queue after which a search is dropped."""
PATIENCE = 5.0
"""Seconds that the candidate is given: what is measured is its order, and how long it takes."""
TOP = 10
FAR_APART = 0.5
"""Shares of the first ten in common up to this one are told in the log."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A search that the live model has ranked, within `seconds`."""

    search: Search
    profile: Profile
    standing: Standing
    result: StageResult
    seconds: float


class ShadowRanking:
    """One search at a time, behind a short queue. What does not fit is dropped and counted."""

    def __init__(self, metrics: Metrics, busy: Callable[[], int]) -> None:
        """`busy` tells how many searches are in flight."""
        self._metrics = metrics
        self._busy = busy
        self._queue: asyncio.Queue[tuple[Ranked, float]] = asyncio.Queue(QUEUE)
        self._stage: Stage | None = None
        self._model = ""
        self._share = 0.0

    def follow(self, stage: Stage | None, model: str = "", share: float = 0.0) -> None:
        """From now on `stage` ranks that share of the searches; None: nobody does."""
        self._stage, self._model, self._share = stage, model, share

    def offer(self, ranked: Ranked) -> None:
        """Queues the search if it is one of the share. Never waits, never raises."""
        if self._stage is None or not chosen(ranked.search, self._share):
            return
        if ranked.result.skipped:
            self._count("incomplete")  # what the live model would have made of it is not known
        elif self._queue.full() or self._busy() > MOST_BUSY:
            self._count("dropped")
        else:
            self._queue.put_nowait((ranked, monotonic()))

    async def run(self) -> None:
        """Works off the queue for ever; to be run as a task."""
        while True:
            ranked, since = await self._queue.get()
            if monotonic() - since > LONGEST_WAIT or self._stage is None:
                self._count("dropped")
                continue
            self._count(await self._compare(ranked, self._stage, self._model))

    async def _compare(self, ranked: Ranked, stage: Stage, model: str) -> str:
        """The outcome's word, after telling how far apart the two orders are."""
        started = perf_counter()
        try:
            result = await stage.apply(
                ranked.search, ranked.profile, ranked.standing, Deadline.after(PATIENCE)
            )
        except StageSkipped:
            return "failed"
        except Exception:
            log.exception("the candidate failed", extra={"model": model})
            return "failed"
        if result.skipped:
            return "incomplete"
        seconds = perf_counter() - started
        live, candidate = _order(ranked.result), _order(result)
        shared, turned = overlap(live, candidate), kendall_distance(live, candidate)
        self._metrics.shadow_overlap.labels(model).observe(shared)
        self._metrics.shadow_kendall.labels(model).observe(turned)
        self._metrics.shadow_latency.labels(model, "live").observe(ranked.seconds)
        self._metrics.shadow_latency.labels(model, "candidate").observe(seconds)
        log.log(
            logging.INFO if shared <= FAR_APART else logging.DEBUG,
            "the candidate ranks otherwise: top-%d overlap %.2f, pairs turned %.2f, %.0f ms against %.0f ms",
            *(TOP, shared, turned, seconds * 1000, ranked.seconds * 1000),
            extra={"model": model, "query_id": ranked.search.query_id},
        )
        return "compared"

    def _count(self, outcome: str) -> None:
        self._metrics.shadows.labels(self._model, outcome).inc()


def _order(result: StageResult) -> list[int]:
    return [hit.rank for hit in result.standing.candidates]


def chosen(search: Search, share: float) -> bool:
    """Whether a search belongs to that share of all: the same answer in every sidecar, every time."""
    told = "\0".join((search.query_id, search.index, normalised(search.query)))
    digest = hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64


def overlap(one: Sequence[int], other: Sequence[int], top: int = TOP) -> float:
    """The share of the first `top` of `one` that are among the first `top` of `other`, 0 to 1."""
    return len(set(one[:top]) & set(other[:top])) / max(1, min(top, len(one)))


def kendall_distance(one: Sequence[int], other: Sequence[int]) -> float:
    """The share of pairs that two orders of the same things turn round: 0 the same order, 1 the reverse."""
    if len(one) < 2:
        return 0.0
    place = {thing: number for number, thing in enumerate(other)}
    places = np.array([place[thing] for thing in one])
    turned = np.triu(places[:, None] > places[None, :], 1)
    return float(turned.sum() / (len(one) * (len(one) - 1) / 2))
