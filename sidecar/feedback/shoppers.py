"""Whose profile an event changes, and which served lists that takes."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeVar

from sidecar.domain.event import KeyedEvent
from sidecar.profiles.marks import UnreadableRecord
from sidecar.profiles.profiles import Profiles
from sidecar.taste.state import Taste

Value = TypeVar("Value")

MOST = 50_000


def shopper_of(event: KeyedEvent) -> bytes:
    """The key of the profile that the event changes: the user's before the client's; b"" for nobody."""
    return event.user or event.client


class Shoppers:
    """What the applier remembers of shoppers: who is logged in where, and whose pages are open."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._linked: OrderedDict[bytes, bytes] = OrderedDict()
        self._open: OrderedDict[bytes, tuple[bytes, ...]] = OrderedDict()

    async def link(self, events: Sequence[KeyedEvent]) -> None:
        """Joins a client's profile to its user's at the first event that names both, and again after the
        client was seen without the user. Raises StoreUnavailable."""
        for event in events:
            if not event.client or self._linked.get(event.client) == event.user:
                continue
            if event.user and not await self._is_forgotten(event):
                await self._profiles.link(event.client, event.user)
                _remember(self._linked, event.client, event.user)
                self._open.pop(event.user, None)
            elif not event.user:
                self._linked.pop(event.client, None)

    async def _is_forgotten(self, event: KeyedEvent) -> bool:
        """Whether the event is from before one of the two was forgotten: then it joins nobody."""
        try:
            records = await self._profiles.records([event.user, event.client])
        except UnreadableRecord:
            return False
        return any(record is not None and event.time <= record.forgotten_at for record in records)

    async def wanted_lists(self, events: Sequence[KeyedEvent]) -> list[bytes]:
        """The queries whose lists these events need: their own, and of pages open in the profiles.

        Raises StoreUnavailable.
        """
        shoppers = dict.fromkeys(shopper for event in events if (shopper := shopper_of(event)))
        unknown = [shopper for shopper in shoppers if shopper not in self._open]
        if unknown:
            for shopper, taste in zip(unknown, await self._profiles.read_many(unknown), strict=True):
                self.note(shopper, taste)
        queries = [event.query for event in events]
        for shopper in shoppers:
            queries.extend(self._open.get(shopper, ()))
        return [query for query in dict.fromkeys(queries) if query]

    def note(self, shopper: bytes, taste: Taste | None) -> None:
        """Remembers the open pages of a profile."""
        _remember(self._open, shopper, tuple(page.query for page in taste.pages) if taste else ())

    def clear(self) -> None:
        """Forgets everything; it is asked for again."""
        self._linked.clear()
        self._open.clear()


def _remember(table: OrderedDict[bytes, Value], key: bytes, value: Value) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > MOST:
        table.popitem(last=False)
