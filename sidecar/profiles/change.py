"""Change records so that no concurrent change is lost and no replayed one counts twice."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from sidecar.profiles.marks import Record, RecordType, UnreadableRecord, is_marked, marked, pack, unpack
from sidecar.profiles.set_aside import Count, set_aside
from sidecar.profiles.store import RecordStore, Stored, StoreUnavailable, Write

MOST_ROUNDS = 24
SLICE_SECONDS = 0.001

log = logging.getLogger(__name__)


class Outcome(Enum):
    """What became of a change. All but FAILED are final."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    FORGOTTEN = "forgotten"
    LEFT = "left"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Change:
    """One journal entry's effect on one record.

    `writer` (from 1, u32) is the journal and `seq` (from 1, u64) the entry's number in it; a writer's entries
    for one key come in rising order. `apply` gets the payload, None for a record that is not there, and
    answers the new one, or None to leave the record as it is (outcome LEFT). It may be called again, after
    a concurrent change: it must depend on nothing but the payload. An exception from it makes the outcome
    FAILED and leaves the record as it was before this change.
    """

    key: bytes
    writer: int
    seq: int
    apply: Callable[[bytes | None], bytes | None]


def ignore(_: str) -> None:
    """Counts nothing."""


async def change_many(
    store: RecordStore, changes: Sequence[Change], record_type: RecordType, count_unreadable: Count = ignore
) -> list[Outcome]:
    """Each change's outcome. Changes to one key are made in their order and written at once.

    One get and one put a round; records that somebody else changed in between are read and changed again.
    Unreadable records are set aside, counted and begun anew. Computes in slices of about a millisecond.
    Raises StoreUnavailable: then some changes may have been made and some not, and making all again is right.
    """
    outcomes = [Outcome.FAILED] * len(changes)
    waiting: dict[bytes, list[int]] = {}
    for at, change in enumerate(changes):
        waiting.setdefault(change.key, []).append(at)
    for tried in range(MOST_ROUNDS):
        if not waiting:
            return outcomes
        if tried:
            # Writers that met once would meet again and again.
            await asyncio.sleep(random.random() * 0.002 * min(2**tried, 32))  # noqa: S311
        keys = list(waiting)
        found = await store.get(keys)
        writes, pause_at = [], time.monotonic() + SLICE_SECONDS
        for key, stored in zip(keys, found, strict=True):
            record = await _opened(store, key, stored, record_type, count_unreadable)
            after = _changed(record, [(at, changes[at]) for at in waiting[key]], outcomes)
            if after is None:
                del waiting[key]
            else:
                expected = stored.version if stored else 0
                writes.append(
                    Write(key, pack(after, record_type), expected, record_type.lifetime(after.payload))
                )
            if time.monotonic() > pause_at:
                await asyncio.sleep(0)
                pause_at = time.monotonic() + SLICE_SECONDS
        if writes:
            written = await store.put(writes)
            for write, done in zip(writes, written, strict=True):
                if done:
                    del waiting[write.key]
    if waiting:
        raise StoreUnavailable(
            f"{len(waiting)} record(s) were changed by others {MOST_ROUNDS} times in a row. "
            "Route a shopper's events to one sidecar."
        )
    return outcomes


async def edit(
    store: RecordStore,
    key: bytes,
    change: Callable[[Record | None], Record | None],
    record_type: RecordType,
    count_unreadable: Count = ignore,
) -> Record | None:
    """Changes a whole record, marks and all; answers what is stored then. None from `change`: nothing to do.

    `change` may be called again after a concurrent change. Raises StoreUnavailable.
    """
    for tried in range(MOST_ROUNDS):
        if tried:
            await asyncio.sleep(random.random() * 0.002 * min(2**tried, 32))  # noqa: S311
        (stored,) = await store.get([key])
        record = await _opened(store, key, stored, record_type, count_unreadable)
        after = change(record)
        if after is None:
            return record
        expected = stored.version if stored else 0
        (done,) = await store.put(
            [Write(key, pack(after, record_type), expected, record_type.lifetime(after.payload))]
        )
        if done:
            return after
    raise StoreUnavailable(f"a record was changed by others {MOST_ROUNDS} times in a row")


async def _opened(
    store: RecordStore, key: bytes, stored: Stored | None, record_type: RecordType, count_unreadable: Count
) -> Record | None:
    if stored is None:
        return None
    try:
        return unpack(stored.value, record_type)
    except UnreadableRecord as error:
        count_unreadable("record")
        await set_aside(store, [(key, stored.value)], str(error))
        return None


def _changed(
    record: Record | None, changes: Sequence[tuple[int, Change]], outcomes: list[Outcome]
) -> Record | None:
    """The record after its changes, None where it stays as it is; notes what became of each."""
    payload = record.payload if record else None
    marks = dict(record.marks) if record else {}
    touched = False
    for at, change in changes:
        if is_marked(marks, change.writer, change.seq):
            outcomes[at] = Outcome.DUPLICATE
            continue
        try:
            after = change.apply(payload)
        except Exception as error:  # noqa: BLE001 - the other changes must go on
            # Its message may hold what a shopper did: only the kind of error is told.
            log.error("a change of a record failed and was left out: %s", type(error).__name__)
            outcomes[at] = Outcome.FAILED
            continue
        if after is None:
            outcomes[at] = Outcome.LEFT
            continue
        payload, marks, touched = after, marked(marks, change.writer, change.seq), True
        outcomes[at] = Outcome.APPLIED
    return Record(payload, marks) if touched and payload is not None else None
