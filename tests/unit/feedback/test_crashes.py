"""Whatever breaks, and whenever: in the end profiles and figures are what they would be without it."""

import random
import tempfile
from pathlib import Path

import numpy as np
import pytest

from sidecar.config.engagement import Engagement
from sidecar.domain.event import EventKind
from sidecar.feedback.engagement_keys import SHOP, item_key, record_type
from sidecar.feedback.figures import Figures
from sidecar.profiles.marks import unpack
from sidecar.profiles.store import StoreUnavailable
from sidecar.served.memory import MemoryServedLog
from tests.fixtures.applying import Bench, bench, event
from tests.fixtures.breaking_store import Away
from tests.fixtures.served_lists import NOW, key, served_list

ENGAGEMENT = Engagement(flush_ms=1, page_close_seconds=40)
SHOPPERS = 4
SEARCHES = 12


def events_of(seed: int):
    """Searches of a few shoppers and what they did, by time."""
    draw = random.Random(seed)
    told = [
        event(
            f"q{search}",
            draw.choice([shopper, shopper, ""]),
            kind=draw.choice([EventKind.CLICK, EventKind.CLICK, EventKind.ADD_TO_CART]),
            object_id=f"p{draw.randrange(10)}",
            time=NOW + 30 * search + draw.randrange(20),
        )
        for search in range(SEARCHES)
        for shopper in [f"s{draw.randrange(SHOPPERS)}"]
        for _ in range(draw.randrange(1, 6))
    ]
    return sorted(told, key=lambda one: one.time)


async def result(found: Bench, store: Away) -> dict[str, list[float]]:
    tastes = await found.tastes(*(key(f"s{number}") for number in range(SHOPPERS)))
    told = {
        f"s{number}": [*taste.long_mean, *taste.long_information, taste.learned, taste.evidence]
        for number, taste in enumerate(tastes)
        if taste is not None
    }
    for name, one in [("shop", SHOP), *((f"p{n}", item_key(f"p{n}")) for n in range(10))]:
        (stored,) = await store.get([one])
        if stored is not None:
            payload = unpack(stored.value, record_type(ENGAGEMENT.keep_days)).payload
            told[name] = Figures.unpack(payload).long
    return told


async def run(events, seed: int | None) -> dict[str, list[float]]:
    """What is known after all events; with a seed, things break on the way."""
    draw = random.Random(seed)
    store, log = Away(), MemoryServedLog(100_000_000)
    left = list(events)
    with tempfile.TemporaryDirectory() as folder:
        while True:
            async with bench(Path(folder), store=store, log=log, engagement=ENGAGEMENT) as found:
                for search in range(SEARCHES):
                    found.served.add(served_list(f"q{search}", hits=10, seed=search))
                await found.served.flush()
                crash_after = draw.randrange(1, 12) if seed is not None and left else 10_000
                while crash_after and (left or found.applier.position < found.journal.last):
                    crash_after -= 1
                    count = draw.randrange(1, 6)
                    some, left = left[:count], left[count:]
                    kept = store.kept()
                    if some:
                        await found.accept(*some)
                    if seed is not None and draw.random() < 0.2:
                        store.fails_at = store.puts + draw.randrange(1, 4)
                    loses = seed is not None and draw.random() < 0.15
                    try:
                        if found.applier.position < 0:
                            await found.applier.rewind("start")
                        await found.applier.step()
                        if loses or draw.random() < 0.5:
                            await found.applier._finish_checkpoint()
                    except StoreUnavailable:
                        await found.applier._drop_checkpoint()
                        found.applier.position = -1
                    if loses:
                        store.lose(kept)
                store.fails_at = 0
                if not left and crash_after:
                    await found.applier.settle()
                    return await result(found, store)
                await found.applier._drop_checkpoint()


@pytest.mark.parametrize("seed", range(12))
async def test_what_breaks_makes_no_difference(seed: int) -> None:
    events = events_of(seed)
    expected, found = await run(events, None), await run(events, seed + 100)
    assert expected.keys() == found.keys()
    for name, values in expected.items():
        # Profiles round what they keep at each write, and replays write more often.
        np.testing.assert_allclose(found[name], values, rtol=2e-3, atol=2e-3, err_msg=name)
