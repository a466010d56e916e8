"""Changes of records: none lost, none counted twice."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.profiles.change import Change, Outcome, change_many, edit
from sidecar.profiles.keyspace import SET_ASIDE
from sidecar.profiles.marks import Kind, Record, RecordType, pack, unpack
from sidecar.profiles.memory_store import MemoryStore
from sidecar.profiles.store import StoreUnavailable, Write
from tests.fixtures.unreliable_store import UnreliableStore

TYPE = RecordType(Kind.ENGAGEMENT, 1, 3600)


def add(payload: bytes | None) -> bytes:
    return str(int(payload or b"0") + 1).encode()


async def counted(store: MemoryStore, key: bytes) -> int:
    (stored,) = await store.get([key])
    return int(unpack(stored.value, TYPE).payload) if stored else 0


async def test_changes_of_one_key_are_made_in_order_and_at_once() -> None:
    store, order = MemoryStore(), []

    def note(name: str):
        def apply(payload: bytes | None) -> bytes:
            order.append(name)
            return (payload or b"") + name.encode()

        return apply

    changes = [Change(b"k", 1, at + 1, note(name)) for at, name in enumerate("abc")]
    assert await change_many(store, changes, TYPE) == [Outcome.APPLIED] * 3
    assert order == ["a", "b", "c"]
    (stored,) = await store.get([b"k"])
    assert stored and unpack(stored.value, TYPE) == Record(b"abc", {1: 3})


async def test_a_replayed_entry_is_a_duplicate() -> None:
    store = MemoryStore()
    changes = [Change(b"k", 1, seq, add) for seq in (1, 2)]
    await change_many(store, changes, TYPE)
    again = [*changes, Change(b"k", 1, 3, add), Change(b"k", 2, 1, add)]
    expected = [Outcome.DUPLICATE, Outcome.DUPLICATE, Outcome.APPLIED, Outcome.APPLIED]
    assert await change_many(store, again, TYPE) == expected
    assert await counted(store, b"k") == 4


async def test_none_leaves_the_record() -> None:
    store = MemoryStore()
    assert await change_many(store, [Change(b"k", 1, 1, lambda _: None)], TYPE) == [Outcome.LEFT]
    assert await store.get([b"k"]) == [None]


async def test_a_failing_change_harms_no_other(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: bytes | None) -> bytes:
        raise ValueError("somebody@example.org")

    store = MemoryStore()
    changes = [
        Change(b"k", 1, 1, add),
        Change(b"k", 1, 2, fail),
        Change(b"k", 1, 3, add),
        Change(b"j", 1, 4, add),
    ]
    outcomes = await change_many(store, changes, TYPE)
    assert outcomes == [Outcome.APPLIED, Outcome.FAILED, Outcome.APPLIED, Outcome.APPLIED]
    assert (await counted(store, b"k"), await counted(store, b"j")) == (2, 1)
    assert "ValueError" in caplog.text and "example.org" not in caplog.text


async def test_an_unreadable_record_is_set_aside_and_begun_anew(caplog: pytest.LogCaptureFixture) -> None:
    store, told = MemoryStore(), []
    damaged = pack(Record(b"41"), TYPE)[:-1] + b"x"
    await store.put([Write(b"k", damaged, 0, 60), Write(b"j", pack(Record(b"1"), TYPE), 0, 60)])
    outcomes = await change_many(store, [Change(b"k", 1, 1, add), Change(b"j", 1, 2, add)], TYPE, told.append)
    assert outcomes == [Outcome.APPLIED] * 2
    assert (await counted(store, b"k"), await counted(store, b"j")) == (1, 2)
    (aside,) = await store.get([SET_ASIDE + b"k"])
    assert aside and aside.value == damaged
    assert told == ["record"]


async def test_writers_that_never_come_through_say_so() -> None:
    class Refusing(MemoryStore):
        async def put(self, writes):
            return [False] * len(writes)

    with pytest.raises(StoreUnavailable, match="one sidecar"):
        await change_many(Refusing(), [Change(b"k", 1, 1, add)], TYPE)
    with pytest.raises(StoreUnavailable):
        await edit(Refusing(), b"k", lambda _: Record(b"1"), TYPE)


async def test_edit_keeps_what_its_change_keeps() -> None:
    store = MemoryStore()
    await change_many(store, [Change(b"k", 1, 1, add)], TYPE)
    after = await edit(store, b"k", lambda found: Record(b"9", found.marks if found else {}), TYPE)
    assert after == Record(b"9", {1: 1})
    assert await edit(store, b"k", lambda _: None, TYPE) == after


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 4))
async def test_concurrent_and_replayed_changes_count_once(seed: int, writers: int, keys: int) -> None:
    chance = random.Random(seed)
    store = UnreliableStore(chance)
    entries = {
        writer: [Change(b"%d" % chance.randrange(keys), writer, seq, add) for seq in range(1, 21)]
        for writer in range(1, writers + 1)
    }

    async def write(mine: list[Change]) -> None:
        at = 0
        while at < len(mine):
            # From anywhere in what was done, as after a crash, up to a few that are new.
            start, end = chance.randint(max(0, at - 10), at), at + chance.randint(1, 5)
            try:
                await change_many(store, mine[start:end], TYPE)
                at = end
            except StoreUnavailable:
                continue

    await asyncio.gather(*(write(mine) for mine in entries.values()))
    for key in range(keys):
        expected = sum(change.key == b"%d" % key for mine in entries.values() for change in mine)
        assert await counted(store, b"%d" % key) == expected
