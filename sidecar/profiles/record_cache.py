"""Records kept in memory, the last used ones, so that a search's read costs microseconds."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sidecar.profiles.store import Stored

OVERHEAD_BYTES = 350
"""What an entry takes in memory beside its key and value, about."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a key: its record, or None where there is none. `expires`: seconds since 1970."""

    stored: Stored | None
    expires: float


class RecordCache:
    """At most `max_bytes` of records, and of keys known to have none."""

    def __init__(self, max_bytes: int, clock: Callable[[], float] = time.time) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._entries: OrderedDict[bytes, Kept] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: bytes) -> Kept | None:
        """What is known of a key; None where nothing is."""
        kept = self._entries.get(key)
        if kept is None:
            return None
        if kept.stored is not None and kept.expires <= self._clock():
            self.drop(key)
            return None
        self._entries.move_to_end(key)
        return kept

    def keep(self, key: bytes, kept: Kept) -> None:
        """Keeps what is known of a key, in place of what was."""
        self.drop(key)
        size = _size(key, kept)
        if size > self._max_bytes:
            return
        self._entries[key] = kept
        self._bytes += size
        while self._bytes > self._max_bytes:
            oldest, gone = self._entries.popitem(last=False)
            self._bytes -= _size(oldest, gone)

    def drop(self, key: bytes) -> None:
        """Forgets what is known of a key."""
        kept = self._entries.pop(key, None)
        if kept is not None:
            self._bytes -= _size(key, kept)

    def clear(self) -> None:
        """Forgets all."""
        self._entries.clear()
        self._bytes = 0


def _size(key: bytes, kept: Kept) -> int:
    return len(key) + OVERHEAD_BYTES + (len(kept.stored.value) if kept.stored else 0)
