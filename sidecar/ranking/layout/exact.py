"""Who may stand in the first places when taking the best one each time ran into a dead end."""

from collections.abc import Sequence

from sidecar.ranking.layout.limits import Limit, ValueCap

MOST_QUESTIONS = 4000
"""So often a limit is asked at the most, some two milliseconds; larger puzzles stay as the greedy way left
them."""


def within_limits(rows: Sequence[int], places: Sequence[int], limits: Sequence[Limit]) -> list[int] | None:
    """One row for each place (from 0, rising) that keeps every limit, the first such list in the rows' order.

    None where there is none, or where it takes too long to find. Limits are as they were before any of the
    rows was added, and are left so.
    """
    if len(rows) < len(places):
        return None
    for limit in limits:
        if isinstance(limit, ValueCap):
            counted = sum(place < limit.first for place in places)
            beyond = len(places) - counted
            # Hits that the cap keeps out may stand behind its places.
            if limit.room(rows) < counted or len(rows) < counted + beyond:
                return None
    search = _Search(rows, places, limits)
    return search.chosen if search.fill(0) else None


class _Search:
    """Depth first. Of hits that no limit tells apart only the best is tried at a place."""

    def __init__(self, rows: Sequence[int], places: Sequence[int], limits: Sequence[Limit]) -> None:
        self._rows = rows
        self._places = places
        self._limits = limits
        self._kinds = {row: tuple(limit.kind(row) for limit in limits) for row in rows}
        self._used: set[int] = set()
        self._questions = 0
        self.chosen: list[int] = []

    def fill(self, at: int) -> bool:
        """Whether the places from `at` on can be filled."""
        if at == len(self._places):
            return True
        active = [limit for limit in self._limits if self._places[at] < limit.first]
        tried: set[object] = set()
        for row in self._rows:
            if row in self._used or self._kinds[row] in tried:
                continue
            tried.add(self._kinds[row])
            self._questions += 1
            if self._questions > MOST_QUESTIONS:
                return False
            if all(limit.allows(row) for limit in active):
                self._take(row, active)
                if self.fill(at + 1):
                    return True
                self._untake(row, active)
        return False

    def _take(self, row: int, active: Sequence[Limit]) -> None:
        self._used.add(row)
        self.chosen.append(row)
        for limit in active:
            limit.add(row)

    def _untake(self, row: int, active: Sequence[Limit]) -> None:
        for limit in active:
            limit.take_back(row)
        self.chosen.pop()
        self._used.discard(row)
