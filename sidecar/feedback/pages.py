"""Pages whose events are still coming, so that their impressions are counted once, when no more come."""

from collections import OrderedDict

from sidecar.domain.event import EventKind, KeyedEvent
from sidecar.taste.state import OpenPage

MOST_CLOSED = 50_000


class Pages:
    """Open pages by query. What closes when depends on the journal's entries alone, not on the clock, so a
    replay that begins before a page closes it at the same entry again.

    Only searches with at least one event are pages here: where a shop tells no impressions, its searches
    without a click are not counted, which is the same for all items.
    """

    def __init__(self, close_seconds: float, return_seconds: float = 0, most: int = 20_000) -> None:
        """`most` pages are open; beyond that the one that was quiet for longest closes early. A click within
        `return_seconds` of the one before says that the shopper came back from there at once."""
        self._close_seconds = close_seconds
        self._return_seconds = return_seconds
        self._most = most
        self._open: OrderedDict[bytes, OpenPage] = OrderedDict()
        self._closed: OrderedDict[bytes, None] = OrderedDict()
        self._kinds: dict[bytes, set[tuple[int, EventKind]]] = {}
        self._last_click: dict[bytes, tuple[int, float]] = {}
        self._came_back: dict[bytes, set[int]] = {}
        self._newest = 0.0

    def __len__(self) -> int:
        return len(self._open)

    def observe(self, event: KeyedEvent, place: int, seen: int) -> bool:
        """Notes an event on the hit at `place`; whether its kind is new for that hit.

        `seen` is the place from 0 as the shopper saw it. Events for a page that has closed are not noted.
        """
        if event.query in self._closed:
            return event.kind is not EventKind.IMPRESSION
        page = self._open.get(event.query)
        if page is None:
            page = self._open[event.query] = OpenPage(event.query, event.time)
        page.time = max(page.time, min(event.time, self._newest or event.time))
        self._open.move_to_end(event.query)
        if event.kind is EventKind.IMPRESSION:
            page.deepest = max(page.deepest, seen)
            return False
        kinds = self._kinds.setdefault(event.query, set())
        if (place, event.kind) in kinds:
            return False
        kinds.add((place, event.kind))
        page.outcomes[place] = event.kind
        return True

    def back_from(self, event: KeyedEvent, place: int) -> int | None:
        """The place of the hit that the shopper had come back from at once to click this one (pogo-sticking);
        each hit of a page once. None for other events."""
        if event.kind is not EventKind.CLICK or event.query not in self._open:
            return None
        before = self._last_click.get(event.query)
        if before is not None and event.time < before[1]:
            return None  # late news: who was where in between is not known
        self._last_click[event.query] = (place, event.time)
        if before is None or before[0] == place or event.time - before[1] > self._return_seconds:
            return None
        known = self._came_back.setdefault(event.query, set())
        kept = {(before[0], kind) for kind in (EventKind.ADD_TO_CART, EventKind.PURCHASE)}
        if before[0] in known or not kept.isdisjoint(self._kinds.get(event.query, ())):
            return None  # who put it into the cart had no reason to stay
        known.add(before[0])
        return before[0]

    def due(self, event: KeyedEvent) -> list[OpenPage]:
        """The pages that close because this event has come."""
        self._newest = max(self._newest, event.time)
        closing: list[OpenPage] = []
        while self._open:
            query, page = next(iter(self._open.items()))
            if len(self._open) <= self._most and self._newest - page.time < self._close_seconds:
                break
            del self._open[query]
            for noted in (self._kinds, self._last_click, self._came_back):
                noted.pop(query, None)
            self._closed[query] = None
            closing.append(page)
        while len(self._closed) > MOST_CLOSED:
            self._closed.popitem(last=False)
        return closing

    def clear(self) -> None:
        """Forgets all pages: the journal is read again from an earlier entry."""
        self._open.clear()
        self._closed.clear()
        self._kinds.clear()
        self._last_click.clear()
        self._came_back.clear()
        self._newest = 0.0
