"""Vectors kept by the content of the text, bounded in bytes, least recently used out first."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ENTRY_OVERHEAD = 200
"""Bytes that key, slot number and dictionary entry of one vector take in CPython, about."""


def digest(text: str) -> bytes:
    """The key of a text: 128 bits, so that two texts never meet and no text is kept."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class VectorCache:
    """At most `limit_bytes` of rows of `width` numbers of type `dtype`. Safe for use by several threads."""

    def __init__(self, limit_bytes: int, width: int, dtype: type[np.floating]) -> None:
        self.width = width
        self.dtype = np.dtype(dtype)
        row_bytes = width * self.dtype.itemsize + ENTRY_OVERHEAD
        self.capacity = max(0, limit_bytes) // row_bytes
        # Untouched pages of an empty array take no memory, so the bound costs nothing until it is used.
        self._rows = np.empty((self.capacity, width), dtype=dtype)
        self._slots: OrderedDict[bytes, int] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._slots)

    def fill(self, keys: Sequence[bytes], rows: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Copies the known keys' rows into `rows` [n, width]; answers which were known, bool [n]."""
        with self._lock:
            slots = [self._slots.get(key, -1) for key in keys]
            for key, slot in zip(keys, slots, strict=True):
                if slot >= 0:
                    self._slots.move_to_end(key)
            found = np.array(slots, dtype=np.int64)
            known = found >= 0
            rows[known] = self._rows[found[known]]
        return known

    def put(self, keys: Sequence[bytes], rows: NDArray[np.floating]) -> None:
        """Keeps one row a key; drops the least recently used ones when full."""
        if not self.capacity:
            return
        with self._lock:
            for key, row in zip(keys, rows, strict=True):
                slot = self._slots.pop(key, None)
                if slot is None:
                    if len(self._slots) < self.capacity:
                        slot = len(self._slots)
                    else:
                        slot = self._slots.popitem(last=False)[1]
                self._slots[key] = slot
                self._rows[slot] = row
