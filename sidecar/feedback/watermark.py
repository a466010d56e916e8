"""How far a store has the journal's effects, by its own word."""

import struct

from sidecar.profiles.change import edit
from sidecar.profiles.keyspace import ENGAGEMENT
from sidecar.profiles.marks import Kind, Record, RecordType, UnreadableRecord, unpack
from sidecar.profiles.store import RecordStore

SEQ = struct.Struct("<Q")
SCHEMA = 2


class Watermark:
    """A record that is written after all effects of the entries up to its number.

    A store that lost its last writes has lost this one as well, so it stands lower than what was written:
    then the journal is read again from there, and marks keep anything from counting twice.
    """

    def __init__(self, store: RecordStore, writer: int, ttl: float) -> None:
        """`writer` is the journal's identity; `ttl` is in seconds, more than the journal keeps entries."""
        self._store = store
        self._key = ENGAGEMENT + b"w" + writer.to_bytes(4, "little")
        self._type = RecordType(Kind.ENGAGEMENT, SCHEMA, ttl)
        self.written = 0

    async def read(self) -> int:
        """What the store says; 0 where it says nothing. Raises StoreUnavailable."""
        (stored,) = await self._store.get([self._key])
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

    async def has_lost(self) -> bool:
        """Whether the store stands lower than what was written to it. Raises StoreUnavailable."""
        return await self.read() < self.written
