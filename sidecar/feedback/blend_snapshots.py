"""Copies of the online blend to go back to."""

import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from sidecar.feedback.blend_state import KEY, TYPE, BlendState, UnreadableBlend
from sidecar.profiles.change import edit
from sidecar.profiles.keyspace import BLEND
from sidecar.profiles.marks import Record, UnreadableRecord, unpack
from sidecar.profiles.store import RecordStore

INDEX = BLEND + b"snapshots"
COPY = BLEND + b"snapshot:"
ENTRY = struct.Struct("<d")


class NoSuchSnapshot(LookupError):
    """There is no copy of that name."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy; `name` is its time in seconds since 1970, written out."""

    time: float

    @property
    def name(self) -> str:
        return f"{self.time:.0f}"


class BlendSnapshots:
    """Takes, lists and restores copies. All methods raise StoreUnavailable."""

    def __init__(self, store: RecordStore, keep: int, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._keep = keep
        self._clock = clock

    async def all(self) -> list[Snapshot]:
        """What there is, oldest first."""
        (stored,) = await self._store.get([INDEX])
        if stored is None:
            return []
        try:
            payload = unpack(stored.value, TYPE).payload
            return [Snapshot(entry[0]) for entry in ENTRY.iter_unpack(payload)]
        except (UnreadableRecord, struct.error):
            return []

    async def take(self) -> Snapshot | None:
        """Copies the blend as it is; None where nothing was learned yet."""
        state = await read_blend(self._store)
        if state is None:
            return None
        taken = Snapshot(float(round(self._clock())))
        await edit(self._store, _key(taken), lambda _: Record(state.pack()), TYPE)
        gone: list[Snapshot] = []

        def list_it(record: Record | None) -> Record:
            times = [entry[0] for entry in ENTRY.iter_unpack(record.payload)] if record else []
            times = sorted({*times, taken.time})
            gone[:] = map(Snapshot, times[: -self._keep])
            return Record(b"".join(map(ENTRY.pack, times[-self._keep :])))

        await edit(self._store, INDEX, list_it, TYPE)
        if gone:
            await self._store.delete([_key(one) for one in gone])
        return taken

    async def restore(self, name: str) -> Snapshot:
        """Makes the blend what a copy holds. Raises NoSuchSnapshot.

        Entries that the blend has taken in stay marked: they are not learned from again.
        """
        snapshot = next((one for one in await self.all() if one.name == name), None)
        (stored,) = await self._store.get([_key(snapshot)]) if snapshot else (None,)
        if snapshot is None or stored is None:
            raise NoSuchSnapshot(f"there is no snapshot `{name}`. `reshelf blend-online status` lists them.")
        payload = unpack(stored.value, TYPE).payload
        BlendState.unpack(payload)
        await edit(self._store, KEY, lambda record: Record(payload, record.marks if record else {}), TYPE)
        return snapshot


async def read_blend(store: RecordStore) -> BlendState | None:
    """The blend; None where nothing was learned yet or it cannot be read. Raises StoreUnavailable."""
    (stored,) = await store.get([KEY])
    if stored is None:
        return None
    try:
        return BlendState.unpack(unpack(stored.value, TYPE).payload)
    except (UnreadableRecord, UnreadableBlend):
        return None


def _key(snapshot: Snapshot) -> bytes:
    return COPY + snapshot.name.encode()
