"""The newest lists, readable from memory: an event comes seconds after its search."""

from collections import OrderedDict
from collections.abc import Collection

from sidecar.served.packed import PackedList, joined


class RecentLists:
    """Lists by query; the oldest go when `max_bytes` are full."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lists: OrderedDict[bytes, PackedList] = OrderedDict()
        self.bytes = 0

    def add(self, new: PackedList) -> PackedList:
        """Keeps a list; answers it joined with the pages that were there."""
        older = self._lists.pop(new.query, None)
        kept = joined(older, new)
        self._lists[new.query] = kept
        self.bytes += kept.bytes - (older.bytes if older else 0)
        while self.bytes > self._max_bytes and self._lists:
            _, oldest = self._lists.popitem(last=False)
            self.bytes -= oldest.bytes
        return kept

    def get(self, query: bytes) -> PackedList | None:
        """The list, or None."""
        return self._lists.get(query)

    def forget(self, shoppers: Collection[bytes]) -> None:
        """Drops the lists of these shoppers."""
        for query in [query for query, kept in self._lists.items() if kept.shopper in shoppers]:
            self.bytes -= self._lists.pop(query).bytes
