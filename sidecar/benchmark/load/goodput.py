"""From outcomes to figures: what was reranked in full and in time, what was not, how long a dent lasts."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.benchmark.load.outcome import Kind, Outcome

BIN_S = 0.5
"""The grain in which a dent is measured."""
STEADY_BINS = 4
"""So many good bins in a row are a recovery."""
AS_BEFORE = 0.75
"""Of the share of full rerankings before an event: above it, it is over."""


@dataclass(frozen=True, slots=True)
class Goodput:
    """Figures of one run; rates are per second, latencies in milliseconds from the intended send.

    `mixed`: answers that name more than one model. `unlike`: complete answers whose order differs from that
    of another complete answer of the same query and model.
    """

    offered: float
    goodput: float
    answered_in_full: float
    p50: float
    p99: float
    searches: int
    kinds: dict[str, int]
    reasons: dict[str, int]
    models: dict[str, int]
    mixed: int
    unlike: int

    @classmethod
    def of(cls, outcomes: Sequence[Outcome], seconds: float) -> "Goodput":
        """`seconds`: how long searches were sent. `answered_in_full` is a share."""
        kinds = Counter(outcome.kind for outcome in outcomes)
        waited = [outcome.latency * 1000 for outcome in outcomes]
        p50, p99 = np.percentile(waited, [50, 99]) if waited else (0.0, 0.0)
        answers = [outcome.answer for outcome in outcomes if outcome.answer]
        return cls(
            offered=round(len(outcomes) / seconds, 2),
            goodput=round(kinds[Kind.FULL] / seconds, 2),
            answered_in_full=round(kinds[Kind.FULL] / max(1, len(outcomes)), 4),
            p50=round(float(p50), 1),
            p99=round(float(p99), 1),
            searches=len(outcomes),
            kinds={kind.value: kinds[kind] for kind in Kind},
            reasons=dict(Counter(reason for answer in answers for reason in answer.reasons)),
            models=dict(Counter(model for answer in answers for model in sorted(answer.models))),
            mixed=sum(len(answer.models) > 1 for answer in answers),
            unlike=_unlike(outcomes),
        )


def _unlike(outcomes: Sequence[Outcome]) -> int:
    orders: dict[tuple[int, frozenset[str]], Counter[int]] = defaultdict(Counter)
    for outcome in outcomes:
        if outcome.answer and outcome.answer.complete:
            orders[outcome.query, outcome.answer.models][outcome.answer.order] += 1
    return sum(sum(found.values()) - max(found.values()) for found in orders.values())


def shares_in_full(outcomes: Sequence[Outcome], seconds: float) -> list[float | None]:
    """The share of searches reranked in full, by bin of the intended send; None for an empty one."""
    bins: list[list[bool]] = [[] for _ in range(int(np.ceil(seconds / BIN_S)))]
    for outcome in outcomes:
        bins[min(int(outcome.intended / BIN_S), len(bins) - 1)].append(outcome.kind is Kind.FULL)
    return [sum(found) / len(found) if found else None for found in bins]


def seconds_until_full(outcomes: Sequence[Outcome], seconds: float, event: float) -> float | None:
    """Seconds from an event until searches are reranked in full as before it; None if not within the run.

    Bins after the event are looked at from its own on; some good ones in a row end the dent, and their first
    tells when. 0.0 where there was no dent.
    """
    shares = shares_in_full(outcomes, seconds)
    first = int(event / BIN_S)
    before = [share for share in shares[:first] if share is not None]
    wanted = AS_BEFORE * (sum(before) / len(before) if before else 1.0)
    good = [share is None or share >= wanted for share in shares]
    if all(good[first:]):
        return 0.0
    dent = next(place for place in range(first, len(good)) if not good[place])
    for place in range(dent + 1, len(good) - STEADY_BINS + 1):
        if all(good[place : place + STEADY_BINS]):
            return round(max(0.0, place * BIN_S - event), 2)
    return None
