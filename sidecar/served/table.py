"""The newest lists in memory: unpacked for moments, then packed, found by query all the while."""

from collections import OrderedDict
from collections.abc import Collection

from sidecar.served.codec import UnreadableList
from sidecar.served.metrics import ServedMetrics
from sidecar.served.packed import PackedList
from sidecar.served.recent import RecentLists
from sidecar.taste.served_list import ServedList

MOST_FRESH = 4096
OPENED = 256
"""Lists that stay unpacked after they were asked for: events come one after another."""


class ServedTable:
    """Takes lists as they come, packs them when told to, and finds both."""

    def __init__(self, max_bytes: int, metrics: ServedMetrics) -> None:
        self._metrics = metrics
        self._recent = RecentLists(max_bytes)
        self._fresh: OrderedDict[bytes, ServedList] = OrderedDict()
        self._opened: OrderedDict[bytes, tuple[PackedList, ServedList]] = OrderedDict()
        self.packed: list[PackedList] = []
        """What was packed since somebody looked; to be taken away by whoever writes it."""

    def add(self, served: ServedList) -> bool:
        """Takes a list; False where too many wait to be packed."""
        before = self._fresh.pop(served.query, None)
        if before is not None:
            self._pack(before)
        if len(self._fresh) >= MOST_FRESH:
            return False
        self._fresh[served.query] = served
        return True

    def find(self, query: bytes) -> ServedList | None:
        """The query's list where memory has it."""
        fresh = self._fresh.get(query)
        if fresh is not None and self._recent.get(query) is None:
            return fresh
        if fresh is not None:  # one more page: joined with the others
            del self._fresh[query]
            self._pack(fresh)
        packed = self._recent.get(query)
        if packed is None:
            return None
        known = self._opened.get(query)
        if known is not None and known[0] is packed:
            return known[1]
        served = self.open(packed)
        if served is not None:
            self._opened[query] = (packed, served)
            if len(self._opened) > OPENED:
                self._opened.popitem(last=False)
        return served

    def open(self, packed: PackedList | None) -> ServedList | None:
        """The list; None, counted, for one that cannot be read."""
        if packed is None:
            return None
        try:
            return packed.opened()
        except UnreadableList:
            self._metrics.unreadable.inc()
            return None

    def pack_one(self) -> bool:
        """Packs the list that waits for longest; False where none does. About 0.15 ms."""
        if not self._fresh:
            return False
        self._pack(self._fresh.popitem(last=False)[1])
        return True

    def forget(self, shoppers: Collection[bytes]) -> None:
        """Drops all lists of these shoppers."""
        for query in [query for query, served in self._fresh.items() if served.shopper in shoppers]:
            del self._fresh[query]
        self.packed = [one for one in self.packed if one.shopper not in shoppers]
        self._recent.forget(shoppers)
        self._opened.clear()

    def _pack(self, served: ServedList) -> None:
        self.packed.append(self._recent.add(PackedList.of(served)))
        self._metrics.recent_bytes.set(self._recent.bytes)
