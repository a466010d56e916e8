"""Shoppers' profiles in a record store, by the keys of who they are."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from sidecar.domain.deadline import Deadline
from sidecar.profiles.change import Outcome, change_many, ignore
from sidecar.profiles.decoded import DecodedTastes
from sidecar.profiles.forgetting import Forgetting
from sidecar.profiles.handing_over import HandingOver, Merge
from sidecar.profiles.keying import ShopperKeys
from sidecar.profiles.keyspace import PROFILE
from sidecar.profiles.links import Link, Links, Relation
from sidecar.profiles.marks import Kind, RecordType, UnreadableRecord, unpack
from sidecar.profiles.profile_record import ProfileRecord, unpack_profile
from sidecar.profiles.set_aside import Count, set_aside
from sidecar.profiles.store import RecordStore, Stored, StoreUnavailable
from sidecar.profiles.taste_change import TasteChange, TasteChanges
from sidecar.profiles.timely import TimelyReads
from sidecar.taste.codec import UnreadableTaste
from sidecar.taste.merge import merged
from sidecar.taste.state import Taste

DAY = 24 * 3600.0
SCHEMA = 1
LINK_SECONDS = 60.0
"""For so long a link that was noted is not looked for again."""
MOST_LINKED = 10_000

__all__ = ["Outcome", "Profiles", "TasteChange"]

log = logging.getLogger(__name__)


class Profiles:
    """Reads for searches, changes for events, and what shoppers may ask for."""

    def __init__(
        self,
        store: RecordStore,
        *,
        ttl: float = 180 * DAY,
        forgotten_ttl: float = 400 * DAY,
        clock_skew: float = 60.0,
        count_unreadable: Count = ignore,
        clock: Callable[[], float] = time.time,
        merge: Merge = merged,
    ) -> None:
        """`ttl` is the seconds that a profile lives after its last change, `forgotten_ttl` those that a
        tombstone does; `clock_skew` is by how many seconds the clocks of event senders may be ahead.
        `count_unreadable` is told `record` or `taste`; `merge` makes one of (user's, client's, now)."""
        self._store = store
        self._type = RecordType(Kind.PROFILE, SCHEMA, ttl, keep=self._tombstone_left)
        self._forgotten_ttl = forgotten_ttl
        self._count = count_unreadable
        self._clock = clock
        self._links = Links(store, ttl)
        self._handing_over = HandingOver(store, self._type, count_unreadable, clock, merge)
        self._forgetting = Forgetting(
            store, self._links, RecordType(Kind.PROFILE, SCHEMA, forgotten_ttl), clock_skew, clock
        )
        self._reads = TimelyReads(store)
        self._tastes = DecodedTastes()
        self._moving: set[bytes] = set()
        self._linked: dict[tuple[bytes, bytes], float] = {}
        self._tasks: set[asyncio.Future[None]] = set()

    async def read(self, shopper: ShopperKeys, deadline: Deadline) -> Taste | None:
        """What to rank a search by: the user's taste, else the client's; None where nothing is known.

        Raises StoreUnavailable at the deadline, and at once while the store keeps missing it. The taste is
        the caller's own.
        """
        keys = [PROFILE + key for key in (*shopper.users, *shopper.clients)]
        if not keys:
            return None
        found = await self._reads.get(keys, deadline)
        tastes = [self._taste_of(stored) for stored in found]
        self._move_older(shopper, tastes)
        return next((taste for taste in tastes if taste is not None), None)

    async def read_many(self, keys: Sequence[bytes]) -> list[Taste | None]:
        """The tastes of shoppers by their main keys, for the applier. Raises StoreUnavailable."""
        found = await self._store.get([PROFILE + key for key in keys])
        return [self._taste_of(stored) for stored in found]

    async def change_many(self, changes: Sequence[TasteChange]) -> list[Outcome]:
        """Each change's outcome, see `change.change_many`; FORGOTTEN where the event is from before its
        shopper asked to be forgotten."""
        batch = TasteChanges(changes, self._count, self._tastes.of)
        outcomes = await change_many(self._store, batch.on_records(), self._type, self._count)
        if batch.unreadable:
            await set_aside(self._store, list(batch.unreadable.items()), "a taste that cannot be read")
        return batch.outcomes(outcomes)

    async def link(self, client: bytes, user: bytes) -> None:
        """Somebody logged in: what the client's profile knows goes into the user's, once, and the client's
        begins anew. Cheap where there is nothing to do. Raises StoreUnavailable; then call it again.

        Later searches of that client without a user see only what was done after this: the next person at a
        shared device does not get the last one's taste.
        """
        if self._clock() - self._linked.get((client, user), 0.0) > LINK_SECONDS:
            await self._links.add(user, Link(Relation.ITS_CLIENT, client))
            await self._links.add(client, Link(Relation.ITS_USER, user))
            if len(self._linked) >= MOST_LINKED:
                self._linked.clear()
            self._linked[client, user] = self._clock()
        await self._handing_over.hand_over(client, user)

    async def move(self, older: bytes, current: bytes) -> None:
        """Moves a profile that is kept under an older secret's key. Raises StoreUnavailable."""
        await self._links.add(current, Link(Relation.ITSELF, older))
        await self._links.add(older, Link(Relation.ITSELF, current))
        await self._handing_over.hand_over(older, current)

    async def forget(
        self, shopper: ShopperKeys, *, only_this: bool = False, keep_links: bool = False
    ) -> list[bytes]:
        """Removes a shopper's profiles, under all secrets and all that is linked unless `only_this`; answers
        the keys that were forgotten. Events from before now are FORGOTTEN. With `keep_links` it can be asked
        again for all of them. Raises StoreUnavailable."""
        return await self._forgetting.forget(
            [*shopper.users, *shopper.clients], only_this=only_this, keep_links=keep_links
        )

    async def family(self, shopper: ShopperKeys) -> list[bytes]:
        """The keys of all profiles that `forget` would remove. Raises StoreUnavailable."""
        return await self._links.family([*shopper.users, *shopper.clients])

    async def records(self, keys: Sequence[bytes]) -> list[ProfileRecord | None]:
        """Whole records, for people to look at. Raises StoreUnavailable, UnreadableRecord."""
        found = await self._store.get([PROFILE + key for key in keys])
        return [
            unpack_profile(unpack(stored.value, self._type).payload) if stored else None for stored in found
        ]

    async def close(self) -> None:
        """Waits for moves under way."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)

    def _tombstone_left(self, payload: bytes) -> float:
        """Who was forgotten and came back: what is from before must not count for as long as without."""
        forgotten_at = unpack_profile(payload).forgotten_at
        return forgotten_at + self._forgotten_ttl - self._clock() if forgotten_at else 0.0

    def _taste_of(self, stored: Stored | None) -> Taste | None:
        if stored is None:
            return None
        try:
            record = unpack_profile(unpack(stored.value, self._type).payload)
        except UnreadableRecord:
            self._count("record")
            return None
        taste = record.taste or (record.outgoing.taste if record.outgoing else b"")
        return self._decoded(taste)

    def _decoded(self, taste: bytes) -> Taste | None:
        try:
            return self._tastes.of(taste) if taste else None
        except UnreadableTaste:
            self._count("taste")
            return None

    def _move_older(self, shopper: ShopperKeys, tastes: Sequence[Taste | None]) -> None:
        """Begins to move what was found under older secrets; the search does not wait for it."""
        known = iter(tastes)
        for keys in (shopper.users, shopper.clients):
            for key, taste in zip(keys, known, strict=False):
                if taste is not None and key != keys[0] and key not in self._moving:
                    self._moving.add(key)
                    task = asyncio.ensure_future(self._move_quietly(key, keys[0]))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)

    async def _move_quietly(self, older: bytes, current: bytes) -> None:
        try:
            await self.move(older, current)
        except StoreUnavailable:
            log.info("a profile under an older secret is moved at its next search: the store is away")
        finally:
            self._moving.discard(older)
