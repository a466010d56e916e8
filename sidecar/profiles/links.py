"""Which profiles belong together: a user's devices, a device's users, and one shopper under two secrets.

A record of its own (Kind.LINKS), for shoppers who log in: pieces of 17 bytes, u8 what the other profile is
and its key. Forgetting follows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from sidecar.profiles.change import edit
from sidecar.profiles.keying import KEY_BYTES
from sidecar.profiles.keyspace import LINKS
from sidecar.profiles.marks import Kind, Record, RecordType, UnreadableRecord, unpack
from sidecar.profiles.store import RecordStore

MOST_LINKS = 32
PIECE = 1 + KEY_BYTES


class Relation(IntEnum):
    """What the other profile is to this one. Numbers are stored: they never change."""

    ITS_USER = 1
    ITS_CLIENT = 2
    ITSELF = 3  # under another secret


@dataclass(frozen=True, slots=True)
class Link:
    """From one profile to another."""

    relation: Relation
    key: bytes


class Links:
    """The links of profiles in a store."""

    def __init__(self, store: RecordStore, ttl: float) -> None:
        self._store = store
        self._type = RecordType(Kind.LINKS, 1, ttl)

    async def add(self, key: bytes, link: Link) -> None:
        """Notes a link; one that is known already costs one read. Raises StoreUnavailable."""

        def change(record: Record | None) -> Record | None:
            known = _links(record.payload) if record else []
            if link in known:
                return None
            return Record(_payload([*known, link][-MOST_LINKS:]))

        await edit(self._store, LINKS + key, change, self._type)

    async def of(self, keys: Sequence[bytes]) -> list[list[Link]]:
        """Each profile's links; none where the record cannot be read. Raises StoreUnavailable."""
        found: list[list[Link]] = []
        for stored in await self._store.get([LINKS + key for key in keys]):
            try:
                found.append(_links(unpack(stored.value, self._type).payload) if stored else [])
            except UnreadableRecord:
                found.append([])
        return found

    async def remove(self, keys: Sequence[bytes]) -> None:
        """Forgets the links of profiles. Raises StoreUnavailable."""
        await self._store.delete([LINKS + key for key in keys])

    async def family(self, keys: Sequence[bytes]) -> list[bytes]:
        """These profiles and those that belong to them: the same under other secrets, a user's devices, and
        a device's users; but not the other users of a user's device, who are other people."""
        same = await self._closed(list(keys), {Relation.ITSELF})
        near = [link.key for links in await self.of(same) for link in links]
        return await self._closed(list(dict.fromkeys([*same, *near])), {Relation.ITSELF})

    async def _closed(self, keys: list[bytes], over: set[Relation]) -> list[bytes]:
        known = dict.fromkeys(keys)
        new = list(known)
        while new:
            links = [link for found in await self.of(new) for link in found if link.relation in over]
            new = [link.key for link in links if link.key not in known]
            new = list(dict.fromkeys(new))
            known.update(dict.fromkeys(new))
        return list(known)


def _links(payload: bytes) -> list[Link]:
    return [Link(Relation(payload[at]), payload[at + 1 : at + PIECE]) for at in range(0, len(payload), PIECE)]


def _payload(links: Sequence[Link]) -> bytes:
    return b"".join(bytes([link.relation]) + link.key for link in links)
