"""A served list ready to be kept: bytes, and the few words that a log looks for."""

import hashlib
from dataclasses import dataclass, replace

from sidecar.served.codec import decode, encode
from sidecar.taste.served_list import ServedList

OVERHEAD = 400
"""Bytes that the words and their places in a table take, beside `data`; a test measures it."""


@dataclass(frozen=True, slots=True)
class PackedList:
    """One served list. `order` (8 bytes) is the same for the same hits in the same order."""

    query: bytes
    shopper: bytes
    time: float
    page_start: int
    page_size: int
    order: bytes
    data: bytes

    @staticmethod
    def of(served: ServedList) -> "PackedList":
        """Packs a list; about 0.15 ms for 100 hits."""
        ids = "\0".join(served.ids).encode("utf-8", "surrogatepass")
        return PackedList(
            served.query,
            served.shopper,
            served.time,
            served.page_start,
            served.page_size,
            hashlib.blake2b(ids, digest_size=8).digest(),
            encode(served),
        )

    def opened(self) -> ServedList:
        """The list. Raises codec.UnreadableList."""
        served = decode(self.data)
        if (served.page_start, served.page_size) != (self.page_start, self.page_size):
            return replace(served, page_start=self.page_start, page_size=self.page_size)
        return served

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        return len(self.data) + OVERHEAD


def joined(older: PackedList | None, newer: PackedList) -> PackedList:
    """The newer list, with the pages of the older one where both have the same hits in the same order.

    A page that nobody asked for was not examined, so the list says from the first to the last place that was
    on a page. Where the order has changed, what was seen last counts.
    """
    if older is None or older.order != newer.order or not older.page_size or not newer.page_size:
        return newer
    start = min(older.page_start, newer.page_start)
    end = max(older.page_start + older.page_size, newer.page_start + newer.page_size)
    return replace(newer, page_start=start, page_size=end - start)
