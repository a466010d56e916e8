"""What a diversify action asks of the first places: caps on values and near-duplicates, quotas."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.rounding import ROUNDING


class Limit(Protocol):
    """Counts the hits that stand in the first `first` places, and says who may still join them."""

    act: Act[Any]
    first: int
    refused: bool
    """Whether it kept out a hit that would have stood there; the caller notes that."""

    def allows(self, row: int) -> bool:
        """Whether the hit may stand there beside those that do."""
        ...

    def add(self, row: int) -> None:
        """The hit stands there."""
        ...

    def take_back(self, row: int) -> None:
        """The hit that was added last stands there no more."""
        ...

    def kind(self, row: int) -> object:
        """Hits of a kind are all the same to this limit."""
        ...

    def clear(self) -> None:
        """Nobody stands there: an order may be varied again, with other places fixed."""
        ...


@dataclass(slots=True)
class ValueCap:
    """At most `most` hits of one value; `values` are each row's, none for a hit without."""

    act: Act[Any]
    first: int
    most: int
    values: Sequence[tuple[int, ...]]
    refused: bool = False
    _counts: dict[int, int] = field(default_factory=dict)

    def allows(self, row: int) -> bool:
        """A hit of several values counts for each."""
        counts, most = self._counts, self.most
        for value in self.values[row]:  # noqa: SIM110 - asked so often that a generator would be felt
            if counts.get(value, 0) >= most:
                return False
        return True

    def add(self, row: int) -> None:
        """Counts its values."""
        for value in self.values[row]:
            self._counts[value] = self._counts.get(value, 0) + 1

    def take_back(self, row: int) -> None:
        """Uncounts them."""
        for value in self.values[row]:
            self._counts[value] -= 1

    def kind(self, row: int) -> object:
        """Its values."""
        return self.values[row]

    def clear(self) -> None:
        """All counts are 0."""
        self._counts.clear()
        self.refused = False

    def room(self, rows: Sequence[int]) -> int:
        """How many of the rows can stand there at the most, as far as this cap alone says. Exact where hits
        have one value each; else no less than can."""
        left: dict[int, int] = {}
        many = 0
        for row in rows:
            values = self.values[row]
            if not values:
                many += 1
                continue
            value = values[0]
            if value not in left:
                left[value] = max(self.most - self._counts.get(value, 0), 0)
            if left[value]:
                left[value] -= 1
                many += 1
        return many


@dataclass(slots=True)
class NearDuplicates:
    """A hit stands below at most `most` - 1 whose texts are nearly its own; `words` are each row's."""

    act: Act[Any]
    first: int
    most: int
    similarity: float
    words: Sequence[Sequence[str]]
    refused: bool = False
    _sets: dict[int, frozenset[str]] = field(default_factory=dict)
    _there: list[frozenset[str]] = field(default_factory=list)

    def allows(self, row: int) -> bool:
        """Jaccard's index of the words decides; a text without words is like none."""
        mine = self._set(row)
        if not mine:
            return True
        near = 0
        for other in self._there:
            shared = len(mine & other)
            if shared and shared >= self.similarity * (len(mine) + len(other) - shared) - ROUNDING:
                near += 1
                if near >= self.most:
                    return False
        return True

    def add(self, row: int) -> None:
        """Remembers its words."""
        self._there.append(self._set(row))

    def take_back(self, row: int) -> None:  # noqa: ARG002
        """Forgets the last one's."""
        self._there.pop()

    def kind(self, row: int) -> object:
        """Its words."""
        return self._set(row)

    def clear(self) -> None:
        """Nobody is remembered."""
        self._there.clear()
        self.refused = False

    def _set(self, row: int) -> frozenset[str]:
        """Few of the rows are ever looked at."""
        found = self._sets.get(row)
        if found is None:
            found = self._sets[row] = frozenset(self.words[row])
        return found


@dataclass(slots=True)
class Least:
    """At least `least` of the first `first` hits are `wanted` bool [n] ones, as far as there are any.

    `waited`: it had to bring one up.
    """

    act: Act[Any]
    first: int
    least: int
    wanted: Sequence[bool]
    waited: bool = False

    def missing(self, rows: Sequence[int]) -> int:
        """How many more are wanted beside these."""
        return max(0, self.least - sum(self.wanted[row] for row in rows))
