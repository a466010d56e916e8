"""What is to be added to engagement records, entry by entry, so that a replay adds nothing twice."""

from collections.abc import Callable, Sequence

from sidecar.feedback.figures import WIDTH, Figures, HalfLives
from sidecar.profiles.change import Change

Effect = Callable[[bytes | None], bytes | None]


class Counts:
    """Amounts by record and journal entry until they are written.

    A record takes each entry once, by its mark, so all that one entry adds to one record is one change.
    """

    def __init__(self, half_lives: HalfLives) -> None:
        self._half_lives = half_lives
        self._amounts: dict[bytes, dict[int, tuple[list[float], float, bool]]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(
        self, key: bytes, seq: int, column: int, amount: float, time: float, *, create: bool = True
    ) -> None:
        """One number for one record. Without `create` only a record that exists takes it."""
        entries = self._amounts.setdefault(key, {})
        known = entries.get(seq)
        if known is None:
            amounts = [0.0] * WIDTH
            entries[seq] = (amounts, time, create)
            self._size += 1
        else:
            amounts = known[0]
            if create and not known[2]:
                entries[seq] = (amounts, known[1], True)
        amounts[column] += amount

    def take(self, writer: int) -> list[list[Change]]:
        """All there is: each record's changes, by rising entry. Nothing is left behind."""
        taken, self._amounts, self._size = self._amounts, {}, 0
        return [self._of_record(key, writer, entries) for key, entries in taken.items()]

    def _of_record(
        self, key: bytes, writer: int, entries: dict[int, tuple[list[float], float, bool]]
    ) -> list[Change]:
        # A much shown brand changes a hundred times in a second: what the last change made is not read again.
        last: list[tuple[bytes, Figures]] = []
        return [
            Change(key, writer, seq, self._effect(amounts, time, create, last))
            for seq, (amounts, time, create) in sorted(entries.items())
        ]

    def _effect(
        self, amounts: list[float], time: float, create: bool, last: list[tuple[bytes, Figures]]
    ) -> Effect:
        half_lives = self._half_lives

        def apply(payload: bytes | None) -> bytes | None:
            if payload is None and not create:
                return None
            known = last.pop() if last else None
            figures = known[1] if known and known[0] is payload else Figures.unpack(payload)
            figures.add(amounts, time, half_lives)
            packed = figures.pack()
            last.append((packed, figures))
            return packed

        return apply


def in_slices(records: Sequence[list[Change]], size: int) -> list[list[Change]]:
    """Changes in parts of about `size`, all of one record in one part, in their order."""
    parts: list[list[Change]] = []
    for changes in records:
        if not parts or len(parts[-1]) + len(changes) > size:
            parts.append([])
        parts[-1].extend(changes)
    return parts
