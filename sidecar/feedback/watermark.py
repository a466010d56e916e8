"""How far a store has the journal's effects, by its own word."""

import struct

from sidecar.profiles.change import edit
from sidecar.profiles.keyspace import ENGAGEMENT, PROFILE
from sidecar.profiles.marks import Kind, Record, RecordType, UnreadableRecord, unpack
from sidecar.profiles.profiles import SCHEMA as PROFILE_SCHEMA
from sidecar.profiles.store import RecordStore, Stored

SEQ = struct.Struct("<Q")
SCHEMA = 2
PROFILE_TYPE = RecordType(Kind.PROFILE, PROFILE_SCHEMA, 0.0)


class Watermark:
    """A record that is written after all effects of the entries up to its number.

    A store that lost its last writes has lost this one as well, so it stands lower than what was written:
    then the journal is read again from there, and marks keep anything from counting twice. What was written
    since stands and falls with the profile that was written last.
    """

    def __init__(self, store: RecordStore, writer: int, ttl: float) -> None:
        """`writer` is the journal's identity; `ttl` is in seconds, more than the journal keeps entries."""
        self._store = store
        self._writer = writer
        self._key = ENGAGEMENT + b"w" + writer.to_bytes(4, "little")
        self._type = RecordType(Kind.ENGAGEMENT, SCHEMA, ttl)
        self._last: tuple[bytes, int] | None = None
        self.written = 0

    def wrote(self, shopper: bytes, seq: int) -> None:
        """Says that a profile has just taken in an entry."""
        self._last = (shopper, seq)

    async def read(self) -> int:
        """What the store says; 0 where it says nothing. Raises StoreUnavailable."""
        self._last = None
        (stored,) = await self._store.get([self._key])
        return self._number(stored)

    async def has_lost(self) -> bool:
        """Whether the store lacks what was written to it. Raises StoreUnavailable."""
        if self._last is None:
            (stored,) = await self._store.get([self._key])
            return self._number(stored) < self.written
        shopper, seq = self._last
        stored, profile = await self._store.get([self._key, PROFILE + shopper])
        return self._number(stored) < self.written or self._lacks(profile, seq)

    def _lacks(self, profile: Stored | None, seq: int) -> bool:
        if profile is None:
            return True
        try:
            return unpack(profile.value, PROFILE_TYPE).marks.get(self._writer, 0) < seq
        except UnreadableRecord:
            return False  # the next change sets it aside

    def _number(self, stored: Stored | None) -> int:
        if stored is None:
            return 0
        try:
            return int(SEQ.unpack(unpack(stored.value, self._type).payload)[0])
        except (UnreadableRecord, struct.error):
            return 0

    async def write(self, seq: int) -> None:
        """Raises StoreUnavailable."""
        await edit(self._store, self._key, lambda _: Record(SEQ.pack(seq)), self._type)
        self.written = max(self.written, seq)
