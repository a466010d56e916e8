"""Figures of engagement for searches: from memory, never waiting for a store."""

import asyncio
import logging
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sidecar.config.engagement import Engagement
from sidecar.feedback.engagement import half_lives
from sidecar.feedback.engagement_keys import SHOP, item_key, pair_key, record_type, trait_key
from sidecar.feedback.figures import Figures, Sums
from sidecar.feedback.rates import FEATURES, NOTHING, features
from sidecar.profiles.marks import UnreadableRecord, unpack
from sidecar.profiles.store import RecordStore, StoreUnavailable
from sidecar.taste.traits import Traits

log = logging.getLogger(__name__)

Wanted = tuple[str, str]
"""An item and the key of the query's words ("": not told)."""

MOST_WANTED = 20_000
ROUND = 250
PAUSE = 1.0


class EngagementFigures:
    """Features of items for the online blend.

    An item that was not asked for lately says nothing at first; its figures are read in the background and
    are there for the next search. `run` does that, as a task.
    """

    names = FEATURES

    def __init__(
        self, store: RecordStore, settings: Engagement, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._half_lives = half_lives(settings)
        self._type = record_type(settings.keep_days)
        self._known: OrderedDict[Wanted, tuple[float, tuple[float, ...]]] = OrderedDict()
        self._wanted: OrderedDict[Wanted, tuple[int, ...]] = OrderedDict()
        self._news = asyncio.Event()

    def columns(self, ids: Sequence[str], traits: Traits, text_key: str = "") -> NDArray[np.float32]:
        """float32 [n, len(names)] of n items, with the traits that new ones borrow from."""
        now, known = self._clock(), self._known
        rows, stale = [], []
        for place, one in enumerate(ids):
            found = known.get((one, text_key))
            rows.append(NOTHING if found is None else found[1])
            if found is None or found[0] < now:
                stale.append(place)
        if stale and self._settings.enabled:
            self._ask(ids, traits, text_key, stale)
        return np.array(rows, np.float32).reshape(len(ids), len(FEATURES))

    async def refresh(self) -> int:
        """Reads what was asked for; how many items. Raises StoreUnavailable."""
        batch = [self._wanted.popitem(last=False) for _ in range(min(ROUND, len(self._wanted)))]
        if not batch:
            return 0
        keys = dict.fromkeys([SHOP])
        for (one, text_key), traits in batch:
            keys[item_key(one)] = None
            keys.update(dict.fromkeys(map(trait_key, traits)))
            if text_key:
                keys[pair_key(text_key, one)] = None
        sums = await self._read(list(keys))
        expires = self._clock() + self._settings.refresh_ms / 1000
        for (one, text_key), traits in batch:
            told = features(
                sums[item_key(one)],
                [sums[trait_key(trait)] for trait in traits],
                sums[SHOP],
                sums[pair_key(text_key, one)] if text_key else None,
                self._settings.prior,
            )
            self._known[one, text_key] = (expires, told)
            self._known.move_to_end((one, text_key))
        while len(self._known) > self._settings.cached_items:
            self._known.popitem(last=False)
        return len(batch)

    async def run(self) -> None:
        """Reads what searches ask for; for ever, as a task."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                more = 1
                while more:
                    more = await self.refresh()
                    await asyncio.sleep(0)
            except StoreUnavailable:
                await asyncio.sleep(PAUSE)
                self._news.set()
            except Exception:
                log.exception("reading figures of engagement failed")
                await asyncio.sleep(PAUSE)

    def _ask(self, ids: Sequence[str], traits: Traits, text_key: str, places: Sequence[int]) -> None:
        names = self._settings.prior_traits
        columns = [at for at, name in enumerate(traits.attributes) if name in names]
        keys = traits.keys[:, columns].tolist()
        for place in places:
            if len(self._wanted) >= MOST_WANTED:
                break
            self._wanted[ids[place], text_key] = tuple(trait for trait in keys[place] if trait)
        self._news.set()

    async def _read(self, keys: Sequence[bytes]) -> dict[bytes, Sums]:
        now = self._clock()
        sums: dict[bytes, Sums] = {}
        for key, stored in zip(keys, await self._store.get(keys), strict=True):
            try:
                payload = unpack(stored.value, self._type).payload if stored else None
                sums[key] = Figures.unpack(payload).at(now, self._half_lives)
            except (UnreadableRecord, struct.error):
                sums[key] = Figures.empty().at(now, self._half_lives)
        return sums
