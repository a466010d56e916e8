"""What events add to the figures of items, of their traits, of the shop, and of items for a query."""

import asyncio
import math

from sidecar.config.engagement import Engagement
from sidecar.config.personalization import Examination
from sidecar.domain.event import EventKind, KeyedEvent
from sidecar.feedback.attribution import Attribution
from sidecar.feedback.counts import Counts
from sidecar.feedback.engagement_keys import SHOP, TEXT_KEY, item_key, pair_key, record_type, trait_key
from sidecar.feedback.figures import COUNTED, HalfLives
from sidecar.profiles.change import Outcome, change_many
from sidecar.profiles.store import RecordStore
from sidecar.taste.examination import examined
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import OpenPage

IMPRESSIONS, CLICKS, CARTS, PURCHASES, DWELL, VISITS, RETURNS = range(len(COUNTED))
COLUMN = {EventKind.CLICK: CLICKS, EventKind.ADD_TO_CART: CARTS, EventKind.PURCHASE: PURCHASES}

DAY = 86_400.0
SLICE = 200
"""Records in one write: the store serves profiles in between."""


class EngagementCounts:
    """Collects what events add, and writes it now and then.

    Fetched documents are left out: how often they were shown is not known, and a click without impressions
    would make a rate of nothing.
    """

    def __init__(self, settings: Engagement, examination: Examination) -> None:
        self.settings = settings
        self._examination = examination
        self._half_lives = half_lives(settings)
        self._counts = Counts(self._half_lives)
        self._type = record_type(settings.keep_days)

    def __len__(self) -> int:
        return len(self._counts)

    def event(self, seq: int, event: KeyedEvent, found: Attribution, is_new: bool) -> None:
        """Counts an attributed event; `is_new`: the first of its kind on that hit of that page."""
        if found.served is None or found.place < 0 or found.served.fetched[found.place]:
            return
        column = COLUMN.get(event.kind)
        if column is not None and is_new:
            self._add(self._counts, seq, found.served, found.place, column, 1.0, event.time)
        if event.dwell > 0:
            seconds = math.log1p(event.dwell)
            self._add(self._counts, seq, found.served, found.place, DWELL, seconds, event.time)
            self._add(self._counts, seq, found.served, found.place, VISITS, 1.0, event.time)

    def returned(self, seq: int, event: KeyedEvent, found: Attribution, place: int) -> None:
        """Counts that the shopper had come back from the hit at `place` when this event happened."""
        served = found.served
        if served is not None and 0 <= place < len(served.ids) and not served.fetched[place]:
            self._add(self._counts, seq, served, place, RETURNS, 1.0, event.time)

    def page(self, into: Counts, seq: int, served: ServedList, page: OpenPage) -> None:
        """Adds the impressions of a page that has closed, by the chances that they were examined, to what was
        taken."""
        chances = examined(served, page, self._examination).tolist()
        for place, chance in enumerate(chances):
            if chance:
                self._add_own(into, seq, served, place, IMPRESSIONS, chance, page.time)
        # Traits and the shop take one number a page: they are in most of them.
        into.add(SHOP, seq, IMPRESSIONS, sum(chances), page.time)
        for column in self._trait_columns(served):
            by_trait: dict[int, float] = {}
            for trait, chance in zip(
                served.traits.keys[: len(chances), column].tolist(), chances, strict=True
            ):
                by_trait[trait] = by_trait.get(trait, 0.0) + chance
            for trait, amount in by_trait.items():
                if trait:
                    into.add(trait_key(trait), seq, IMPRESSIONS, amount, page.time)

    def begin(self, tried: int) -> None:
        """Drops what was not written: the journal is read again. Entries up to `tried` may have been written
        before."""
        self._counts = Counts(self._half_lives)
        self._counts.tried = tried

    def take(self) -> Counts:
        """What is to be written, with `page`s added; events count into another one from now on."""
        taken = self._counts
        self.begin(taken.tried)
        return taken

    async def write(self, store: RecordStore, taken: Counts, writer: int) -> int:
        """Writes what was taken; how many changes were new to the store. Raises StoreUnavailable."""
        applied = 0
        for part in taken.parts(writer, SLICE):
            outcomes = await change_many(store, part, self._type)
            applied += sum(outcome is Outcome.APPLIED for outcome in outcomes)
            await asyncio.sleep(0)
        return applied

    def _add(
        self, into: Counts, seq: int, served: ServedList, place: int, column: int, amount: float, time: float
    ) -> None:
        """For the item, its traits and the shop."""
        self._add_own(into, seq, served, place, column, amount, time)
        into.add(SHOP, seq, column, amount, time)
        for at in self._trait_columns(served):
            trait = int(served.traits.keys[place, at])
            if trait:
                into.add(trait_key(trait), seq, column, amount, time)

    def _add_own(
        self, into: Counts, seq: int, served: ServedList, place: int, column: int, amount: float, time: float
    ) -> None:
        """For the item, and the item for the query."""
        object_id = served.ids[place]
        into.add(item_key(object_id), seq, column, amount, time)
        text_key = (served.versions or {}).get(TEXT_KEY)
        if text_key:
            # Only what was clicked for a query gets figures for it: else they would be as many as hits shown.
            key = pair_key(text_key, object_id)
            into.add(key, seq, column, amount, time, create=column != IMPRESSIONS)

    def _trait_columns(self, served: ServedList) -> list[int]:
        """Where the traits stand that new items borrow from."""
        return [at for at, name in enumerate(served.traits.attributes) if name in self.settings.prior_traits]


def half_lives(settings: Engagement) -> HalfLives:
    """Of the short and the long window, in seconds."""
    return settings.short_days * DAY, settings.long_days * DAY
