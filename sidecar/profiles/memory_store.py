"""Records in this process's memory: for tests and trials. Gone with the process."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sidecar.profiles.store import Stored, Write
from sidecar.profiles.version import new_version

OVERHEAD_BYTES = 300
"""What a record takes in memory beside its key and value, about."""


@dataclass(slots=True)
class _Entry:
    stored: Stored
    expires: float


class MemoryStore:
    """Keeps at most `max_bytes`; beyond that, the records that were written longest ago go."""

    def __init__(self, max_bytes: int = 256 * 2**20, clock: Callable[[], float] = time.time) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._bytes = 0

    async def get(self, keys: Sequence[bytes]) -> list[Stored | None]:
        return [self._living(key) for key in keys]

    async def put(self, writes: Sequence[Write]) -> list[bool]:
        return [self._put(write) for write in writes]

    async def delete(self, keys: Sequence[bytes]) -> None:
        for key in keys:
            self._remove(key)

    async def close(self) -> None:
        self._entries.clear()
        self._bytes = 0

    def _living(self, key: bytes) -> Stored | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires <= self._clock():
            self._remove(key)
            return None
        return entry.stored

    def _put(self, write: Write) -> bool:
        known = self._living(write.key)
        if (known.version if known else 0) != write.expected:
            return False
        self._remove(write.key)
        stored = Stored(write.value, new_version())
        self._entries[write.key] = _Entry(stored, self._clock() + write.ttl)
        self._bytes += _size(write.key, stored)
        while self._bytes > self._max_bytes:
            self._remove(next(iter(self._entries)))
        return True

    def _remove(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(key, entry.stored)


def _size(key: bytes, stored: Stored) -> int:
    return len(key) + len(stored.value) + OVERHEAD_BYTES
