"""What is to be added to engagement records, entry by entry, so that a replay adds nothing twice."""

from collections.abc import Callable, Sequence

import numpy as np

from sidecar.feedback.figures import WIDTH, Figures, FloatArray
from sidecar.profiles.change import Change


class Counts:
    """Amounts by record and journal entry until they are written.

    A record takes each entry once, by its mark, so all that one entry adds to one record is one change.
    """

    def __init__(self, half_lives: FloatArray) -> None:
        """`half_lives` [2], in seconds."""
        self._half_lives = half_lives
        self._amounts: dict[tuple[bytes, int], tuple[FloatArray, float, bool]] = {}

    def __len__(self) -> int:
        return len(self._amounts)

    def add(self, key: bytes, seq: int, column: int, amount: float, time: float, *, create: bool = True) -> None:
        """One number for one record. Without `create` only a record that exists takes it."""
        known = self._amounts.get((key, seq))
        if known is None:
            amounts = np.zeros(WIDTH)
            self._amounts[key, seq] = (amounts, time, create)
        else:
            amounts = known[0]
            if create and not known[2]:
                self._amounts[key, seq] = (amounts, known[1], True)
        amounts[column] += amount

    def take(self, writer: int) -> list[Change]:
        """All there is, as changes by rising entry; nothing is left behind."""
        taken, self._amounts = self._amounts, {}
        ordered = sorted(taken.items(), key=lambda item: item[0][1])
        return [
            Change(key, writer, seq, self._effect(amounts, time, create))
            for (key, seq), (amounts, time, create) in ordered
        ]

    def _effect(self, amounts: FloatArray, time: float, create: bool) -> Callable[[bytes | None], bytes | None]:
        half_lives = self._half_lives

        def apply(payload: bytes | None) -> bytes | None:
            if payload is None and not create:
                return None
            figures = Figures.unpack(payload)
            figures.add(amounts, time, half_lives)
            return figures.pack()

        return apply


def in_slices(changes: Sequence[Change], size: int) -> list[list[Change]]:
    """The changes in parts of at most `size`, all of one record in one part, in their order."""
    by_key: dict[bytes, list[Change]] = {}
    for change in changes:
        by_key.setdefault(change.key, []).append(change)
    parts: list[list[Change]] = [[]]
    for same in by_key.values():
        if parts[-1] and len(parts[-1]) + len(same) > size:
            parts.append([])
        parts[-1].extend(same)
    return parts if parts[0] else []
