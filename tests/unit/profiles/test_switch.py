"""The kill switch."""

import asyncio

import pytest

from sidecar.profiles.keyspace import SWITCH
from sidecar.profiles.memory_store import MemoryStore
from sidecar.profiles.store import StoreUnavailable, Write
from sidecar.profiles.switch import Position, Switch


class Away(MemoryStore):
    async def get(self, keys):
        raise StoreUnavailable("away")


async def test_it_is_on_until_somebody_turns_it() -> None:
    switch = Switch(MemoryStore())
    assert switch.enabled
    assert await switch.refresh() == Position()


async def test_others_follow() -> None:
    store = MemoryStore()
    here, there = Switch(store, lambda: 7.0), Switch(store)
    await here.set(False, why="test", who="me")
    assert not here.enabled
    following = asyncio.create_task(there.run())
    await asyncio.sleep(0.05)
    assert there.position == Position(False, 7.0, "test", "me")
    following.cancel()
    await here.set(True)
    assert (await there.refresh()).enabled and there.enabled


async def test_a_store_that_is_away_leaves_it_where_it_is() -> None:
    switch = Switch(Away())
    with pytest.raises(StoreUnavailable):
        await switch.set(False)
    assert not switch.enabled
    following = asyncio.create_task(switch.run())
    await asyncio.sleep(0.05)
    assert not following.done()
    assert not switch.enabled
    following.cancel()


async def test_a_record_that_cannot_be_read_leaves_it_where_it_is() -> None:
    store = MemoryStore()
    switch = Switch(store)
    await switch.set(False)
    await store.delete([SWITCH])
    await store.put([Write(SWITCH, b"nonsense", 0, 60)])
    assert not (await switch.refresh()).enabled
    await switch.set(True)
    assert (await Switch(store).refresh()).enabled
