"""How many events each client sends in a minute: people do not click a thousand times."""

from collections import OrderedDict

from sidecar.domain.event import Event, EventKind

MOST_CLIENTS = 100_000


class EventRate:
    """Counts by client and by the minute in which it happened, so that late and imported events count right.

    What is counted and then not accepted is given back: a sender that has to repeat a batch is no crawler.
    """

    def __init__(self, events: int, impressions: int) -> None:
        """How many of a client in a minute; 0: any number."""
        self._events = events
        self._impressions = impressions
        self._counts: OrderedDict[tuple[str, int, bool], int] = OrderedDict()

    def take(self, event: Event) -> bool:
        """Whether the event is within what people do; it is counted then."""
        key, most = self._key(event)
        if not key[0] or not most:
            return True
        count = self._counts.get(key, 0)
        if count >= most:
            return False
        self._counts[key] = count + 1
        if not count and len(self._counts) > MOST_CLIENTS:
            self._counts.popitem(last=False)
        return True

    def give_back(self, event: Event) -> None:
        """The event did not count after all."""
        key, _ = self._key(event)
        count = self._counts.get(key, 0)
        if count > 1:
            self._counts[key] = count - 1
        else:
            self._counts.pop(key, None)

    def _key(self, event: Event) -> tuple[tuple[str, int, bool], int]:
        seen = event.kind is EventKind.IMPRESSION
        who = event.shopper.client_id or event.shopper.user_id
        return (who, int(event.time // 60), seen), self._impressions if seen else self._events
