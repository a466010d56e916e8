"""Move what one profile knows into another, once, whatever crashes in between and whoever else writes.

Three writes: the source puts its taste aside as outgoing, under a number, and begins anew; the target takes
it in and notes source and number; the source drops it. A crash leaves an outgoing taste, which the next call
delivers; two that deliver the same meet at the note. Each record keeps its own marks, so that the journal's
entries of either are counted once all the while.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from sidecar.profiles.change import edit, ignore
from sidecar.profiles.keyspace import PROFILE
from sidecar.profiles.marks import Record, RecordType
from sidecar.profiles.profile_record import Outgoing, ProfileRecord, pack_profile, unpack_profile
from sidecar.profiles.set_aside import Count
from sidecar.profiles.store import RecordStore
from sidecar.taste.codec import UnreadableTaste, decode, encode
from sidecar.taste.merge import merged
from sidecar.taste.state import Taste

Merge = Callable[[Taste, Taste, float], Taste]


class HandingOver:
    """Hands tastes over between records of one store."""

    def __init__(
        self,
        store: RecordStore,
        record_type: RecordType,
        count_unreadable: Count = ignore,
        clock: Callable[[], float] = time.time,
        merge: Merge = merged,
    ) -> None:
        self._store = store
        self._type = record_type
        self._count = count_unreadable
        self._clock = clock
        self._merge = merge

    async def hand_over(self, source: bytes, target: bytes) -> None:
        """Into `target` with all that `source` knows. Raises StoreUnavailable; call it again to finish."""
        # An outgoing taste that a crash left goes first, to where it was meant to go.
        for _ in range(3):
            outgoing = await self._put_aside(source, target)
            if outgoing is None:
                return
            await self._deliver(source, outgoing)
            await self._drop(source, outgoing)

    async def _put_aside(self, source: bytes, target: bytes) -> Outgoing | None:
        def change(record: Record | None) -> Record | None:
            known = unpack_profile(record.payload) if record else ProfileRecord()
            if record is None or known.outgoing or not known.taste:
                return None
            # Seconds, so that numbers go on rising where a record expired and its last number with it.
            number = max(int(self._clock()), known.handed + 1)
            outgoing = Outgoing(number, target, known.taste)
            after = replace(known, taste=b"", handed=number, outgoing=outgoing)
            return Record(pack_profile(after), record.marks)

        after = await edit(self._store, PROFILE + source, change, self._type, self._count)
        return unpack_profile(after.payload).outgoing if after else None

    async def _deliver(self, source: bytes, outgoing: Outgoing) -> None:
        def change(record: Record | None) -> Record | None:
            known = unpack_profile(record.payload) if record else ProfileRecord()
            # What was put aside before the target was forgotten goes with it.
            if known.has_taken(source, outgoing.number) or outgoing.number <= known.forgotten_at:
                return None
            after = replace(
                known,
                taste=self._together(known.taste, outgoing.taste),
                takings=known.takings_with(source, outgoing.number),
            )
            return Record(pack_profile(after), record.marks if record else {})

        await edit(self._store, PROFILE + outgoing.target, change, self._type, self._count)

    async def _drop(self, source: bytes, outgoing: Outgoing) -> None:
        def change(record: Record | None) -> Record | None:
            known = unpack_profile(record.payload) if record else ProfileRecord()
            if record is None or known.outgoing is None or known.outgoing.number != outgoing.number:
                return None
            return Record(pack_profile(replace(known, outgoing=None)), record.marks)

        await edit(self._store, PROFILE + source, change, self._type, self._count)

    def _together(self, own: bytes, incoming: bytes) -> bytes:
        """Both tastes in one; one alone where there is no other, or where it cannot be read."""
        tastes = []
        for taste in (own, incoming):
            try:
                if taste:
                    tastes.append(decode(taste))
            except UnreadableTaste:
                self._count("taste")
        if len(tastes) == 2:
            return encode(self._merge(tastes[0], tastes[1], self._clock()))
        return encode(tastes[0]) if tastes else b""
