"""Joins an event to the list that it happened on. Nothing is computed again: what was served counts."""

from dataclasses import dataclass

from sidecar.domain.event import EventKind, KeyedEvent
from sidecar.served.log import Outcome
from sidecar.taste.served_list import ServedList

MEANT = frozenset((EventKind.IMPRESSION, EventKind.CLICK, EventKind.ADD_TO_CART, EventKind.PURCHASE))
"""Kinds that say something of a hit."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where an event belongs.

    `why` is "" for an event that belongs to a hit, otherwise a fixed word for metrics. `place` is the index
    in the list's order, `seen` the place from 0 as the shopper saw it: told by the event, else as served.
    """

    why: str
    served: ServedList | None = None
    place: int = -1
    seen: int = -1


class Attributor:
    """Attributes events; knows the places of the ids of lists that it has met."""

    def __init__(self, most: int = 512) -> None:
        self._most = most
        self._places: dict[int, tuple[ServedList, dict[str, int]]] = {}

    def attribute(self, event: KeyedEvent, served: ServedList | None) -> Attribution:
        """Where the event belongs; `served` is its query's list, None where that is unknown."""
        if event.kind not in MEANT:
            return Attribution("other_action")
        if not event.query:
            return Attribution("no_query")
        if served is None:
            return Attribution("unknown_query")
        if not event.object_id:
            return Attribution("no_object", served)
        place = self._places_of(served).get(event.object_id, -1)
        if place < 0:
            return Attribution("not_served", served)
        return Attribution("", served, place, event.position - 1 if event.position > 0 else place)

    def _places_of(self, served: ServedList) -> dict[str, int]:
        known = self._places.get(id(served))
        if known is not None and known[0] is served:
            return known[1]
        places: dict[str, int] = {}
        for place, one in enumerate(served.ids):
            places.setdefault(one, place)
        while len(self._places) >= self._most:
            del self._places[next(iter(self._places))]
        self._places[id(served)] = (served, places)
        return places


def outcome_of(event: KeyedEvent, found: Attribution) -> Outcome:
    """The event as the served log keeps it."""
    return Outcome(
        query=event.query,
        digest=event.digest,
        client=event.client,
        user=event.user,
        kind=event.kind,
        time=event.time,
        object_id=event.object_id,
        place=found.place,
        position=event.position,
        dwell=event.dwell,
    )
