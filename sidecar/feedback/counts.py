"""What is to be added to engagement records, so that a replay adds nothing twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sidecar.feedback.figures import WIDTH, Figures, HalfLives
from sidecar.profiles.change import Change

SAME_TIME = 600.0
"""Seconds within which things count as of one moment: nothing beside half-lives of days."""

NEW = 0
"""In place of an entry's number: all entries that were never tried before."""


@dataclass(slots=True)
class _Addition:
    """Amounts for one record up to the entry `seq`, by moment."""

    seq: int
    create: bool
    moments: list[tuple[float, list[float]]] = field(default_factory=list)

    def amounts(self, time: float) -> list[float]:
        """The amounts that belong to a time."""
        for moment, amounts in reversed(self.moments):
            if abs(moment - time) < SAME_TIME:
                return amounts
        self.moments.append((time, [0.0] * WIDTH))
        return self.moments[-1][1]


class Counts:
    """Amounts by record on their way to the store.

    A record takes each journal entry once, by its mark. Entries that may have been written before (a replay)
    stay apart, so that each is known again; new ones are one change together.
    """

    def __init__(self, half_lives: HalfLives) -> None:
        self._half_lives = half_lives
        self._additions: dict[bytes, dict[int, _Addition]] = {}
        self.tried = 0
        """Entries up to this one may have been written before."""

    def __len__(self) -> int:
        return len(self._additions)

    def add(
        self, key: bytes, seq: int, column: int, amount: float, time: float, *, create: bool = True
    ) -> None:
        """One number for one record. Without `create` only a record that exists takes it."""
        by_entry = self._additions.get(key)
        if by_entry is None:
            by_entry = self._additions[key] = {}
        group = seq if seq <= self.tried else NEW
        addition = by_entry.get(group)
        if addition is None:
            addition = by_entry[group] = _Addition(seq, create)
        elif seq > addition.seq:
            addition.seq = seq
        if create:
            addition.create = True
        addition.amounts(time)[column] += amount

    def parts(self, writer: int, size: int) -> Iterator[list[Change]]:
        """Changes in parts of about `size`, made when they are asked for: all of one record in one part, by
        rising entry."""
        part: list[Change] = []
        for key, by_entry in self._additions.items():
            additions = sorted(by_entry.values(), key=lambda one: one.seq)
            part.extend(Change(key, writer, one.seq, self._effect(one)) for one in additions)
            if len(part) >= size:
                yield part
                part = []
        if part:
            yield part

    def _effect(self, addition: _Addition) -> Callable[[bytes | None], bytes | None]:
        def apply(payload: bytes | None) -> bytes | None:
            if payload is None and not addition.create:
                return None
            figures = Figures.unpack(payload)
            for time, amounts in addition.moments:
                figures.add(amounts, time, self._half_lives)
            return figures.pack()

        return apply
