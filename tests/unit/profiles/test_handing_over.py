"""Logins, events and lost answers all at once: everything counts, once."""

import asyncio
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.domain.deadline import Deadline
from sidecar.profiles.keying import ShopperKeys
from sidecar.profiles.profiles import Profiles, TasteChange
from sidecar.profiles.store import StoreUnavailable
from tests.fixtures.unreliable_store import UnreliableStore
from tests.unit.profiles.tastes import NOW, add_up, count_one

DEVICES = [b"1 is a device...", b"2 is a device..."]
USER = b"3 is a user....."


async def insist(work) -> None:
    """Again until the store did it."""
    while True:
        try:
            await work()
        except StoreUnavailable:
            continue
        return


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 3))
async def test_concurrent_logins_and_events_lose_and_double_nothing(seed: int, sidecars: int) -> None:
    chance = random.Random(seed)
    store = UnreliableStore(chance)
    profiles = [Profiles(store, clock=lambda: NOW, merge=add_up) for _ in range(sidecars)]
    events = 12

    async def sidecar(writer: int) -> None:
        mine = profiles[writer - 1]
        for seq in range(1, events + 1):
            key = chance.choice([*DEVICES, USER])
            change = TasteChange(key, writer, seq, NOW, count_one)
            await insist(lambda change=change: mine.change_many([change]))
            if chance.random() < 0.3:
                device = chance.choice(DEVICES)
                await insist(lambda device=device: mine.link(device, USER))

    await asyncio.gather(*(sidecar(writer) for writer in range(1, sidecars + 1)))
    for device in DEVICES:
        await insist(lambda device=device: profiles[0].link(device, USER))
    store.unreliable = False
    taste = await profiles[0].read(ShopperKeys(users=(USER,)), Deadline.after(5))
    assert taste is not None and taste.learned == events * sidecars
    for device in DEVICES:
        assert await profiles[0].read(ShopperKeys(clients=(device,)), Deadline.after(5)) is None
