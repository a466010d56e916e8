"""Forget shoppers, and keep what comes late from bringing them back."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from sidecar.profiles.change import edit
from sidecar.profiles.keyspace import PROFILE, SET_ASIDE
from sidecar.profiles.links import Links
from sidecar.profiles.marks import Record, RecordType
from sidecar.profiles.profile_record import ProfileRecord, pack_profile, unpack_profile
from sidecar.profiles.store import RecordStore


class Forgetting:
    """Leaves a tombstone in place of each profile: the time up to which nothing of that shopper counts."""

    def __init__(
        self,
        store: RecordStore,
        links: Links,
        record_type: RecordType,
        clock_skew: float = 60.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`record_type` has the tombstones' ttl, which must outlast whatever may be replayed. Events count
        again `clock_skew` seconds after: a sender's clock may be ahead by that."""
        self._store = store
        self._links = links
        self._type = record_type
        self._clock_skew = clock_skew
        self._clock = clock

    async def forget(
        self, keys: Sequence[bytes], *, only_this: bool = False, keep_links: bool = False
    ) -> list[bytes]:
        """Forgets these profiles and, unless `only_this`, those that belong to them; answers all their keys.

        `keep_links` where something else could not forget them yet. Raises StoreUnavailable; calling it again
        finishes what was begun.
        """
        family = list(keys) if only_this else await self._links.family(keys)
        forgotten_at = math.ceil(self._clock() + self._clock_skew)

        def bury(record: Record | None) -> Record:
            known = unpack_profile(record.payload) if record else ProfileRecord()
            stone = replace(
                known, taste=b"", outgoing=None, forgotten_at=max(known.forgotten_at, forgotten_at)
            )
            return Record(pack_profile(stone), record.marks if record else {})

        for key in family:
            await edit(self._store, PROFILE + key, bury, self._type)
        await self._store.delete([SET_ASIDE + PROFILE + key for key in family])
        # Last: until all are forgotten, the links say which ones to forget when this is called again.
        if not keep_links:
            await self._links.remove(family)
        return family
