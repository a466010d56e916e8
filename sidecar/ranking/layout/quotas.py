"""Quotas: when it is time for the hits that they wait for."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sidecar.ranking.layout.limits import Least

Waiting = tuple[int, Collection[int]]
"""How many hits a quota lacks, and the rows that would do."""


def due(
    quotas: Sequence[Least],
    standing: Mapping[int, int],
    left: Mapping[int, None],
    free: Sequence[int],
) -> Collection[int] | None:
    """The rows for one of which it is time, or the quotas would not all be met; None while there is room.

    `standing` are the rows that have their places (from 0), `left` those that wait, best first, `free` the
    places that are to be filled, rising, the next one first.
    """
    waiting: list[tuple[Least, Waiting]] = []
    for quota in quotas:
        if free[0] >= quota.first:
            continue
        missing = quota.missing([row for place, row in standing.items() if place < quota.first])
        if missing:
            rows = {row for row in left if quota.wanted[row]}
            if rows:
                waiting.append((quota, (min(missing, len(rows)), rows)))
    for first in sorted({quota.first for quota, _ in waiting}):
        ending = [(quota, wanted) for quota, wanted in waiting if quota.first <= first]
        room = sum(place < first for place in free)
        if sum(many for _, (many, _) in ending) < room:
            continue
        needed, next_ones = _fewest([wanted for _, wanted in ending], left)
        if needed >= room:
            for quota, _ in ending:
                quota.waited = True
            return next_ones
    return None


def _fewest(waiting: Sequence[Waiting], left: Iterable[int]) -> tuple[int, Collection[int]]:
    """How many hits give all of these quotas what they lack, those first that serve the most of them; and
    the rows of which one is the first of these hits."""
    lacking = [many for many, _ in waiting]
    used: list[int] = []
    first: Collection[int] = ()
    while True:
        serves = Counter(
            row
            for (_, rows), many in zip(waiting, lacking, strict=True)
            if many
            for row in rows
            if row not in used
        )
        if not serves:
            return len(used), first
        most = max(serves.values())
        best = {row for row, served in serves.items() if served == most}
        first = first or best
        used.append(next(row for row in left if row in best))
        lacking = [
            many - 1 if many and used[-1] in rows else many
            for (_, rows), many in zip(waiting, lacking, strict=True)
        ]
