"""The final list with the documents that are brought in."""

from collections.abc import Sequence
from typing import NamedTuple

from sidecar.domain.candidate import Candidate
from sidecar.domain.ranking import FetchedHit


class Shown(NamedTuple):
    """A hit at its place, from 1. `rank` is its first-stage rank; 0: it is fetched, and may be missing."""

    id: str
    rank: int
    place: int


def in_place(candidates: Sequence[Candidate], fetched: Sequence[FetchedHit]) -> list[Shown]:
    """Candidates around the fetched documents, whose places count in the list that holds all."""
    coming = sorted(fetched, key=lambda hit: hit.place)
    shown: list[Shown] = []
    number = 0
    for candidate in candidates:
        while number < len(coming) and coming[number].place <= len(shown) + 1:
            shown.append(Shown(coming[number].id, 0, len(shown) + 1))
            number += 1
        shown.append(Shown(candidate.id, candidate.rank, len(shown) + 1))
    for late in coming[number:]:
        shown.append(Shown(late.id, 0, len(shown) + 1))
    return shown
