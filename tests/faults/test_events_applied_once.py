"""The whole sidecar, or its Redis, is killed while events come: what was accepted is learned from once."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sidecar.config.engagement import Engagement
from sidecar.config.events import JournalSettings
from sidecar.config.store import Store
from sidecar.domain.event import KeyedEvent
from sidecar.feedback.engagement import CLICKS, half_lives
from sidecar.feedback.engagement_keys import SHOP, record_type
from sidecar.feedback.figures import Figures
from sidecar.feedback.journal import Journal
from sidecar.profiles.marks import unpack
from sidecar.profiles.opening import open_store
from sidecar.profiles.profiles import Profiles
from sidecar.stack.redis_server import RedisServer
from sidecar.stack.sidecar_process import SidecarProcess

SHOPPERS = 50
HITS = 40
"""More than a profile knows of its last events: what is applied again would show."""

ROUNDS = 4
NO_DECAY = {"short_days": 3650, "long_days": 3650}


@contextmanager
def stores(kind: str, folder: Path) -> Iterator[tuple[dict[str, Any], RedisServer | None]]:
    """The section `store`, and the server that may be killed."""
    if kind == "sqlite":
        yield {"kind": "sqlite"}, None
        return
    with RedisServer(folder / "redis", ["--appendonly", "yes", "--appendfsync", "everysec"]) as server:
        yield {"kind": "redis", "redis": {"addresses": [server.address]}}, server


class Load:
    """Shoppers who click every hit of a search, in batches; what was not answered is sent again."""

    def __init__(self) -> None:
        self._left = [(shopper, hit) for shopper in range(SHOPPERS) for hit in range(HITS)]
        random.Random(3).shuffle(self._left)
        self.began = time.time()

    @property
    def over(self) -> bool:
        return not self._left

    async def search(self, client: httpx.AsyncClient) -> None:
        """Every shopper's search."""
        hits = [
            {"id": f"item-{hit}", "score": HITS - hit, "fields": {"brand": {"texts": [f"brand {hit % 5}"]}}}
            for hit in range(HITS)
        ]
        for shopper in range(SHOPPERS):
            body = {
                "query": {"text": "shoes", "id": f"query-{shopper}"},
                "shopper": {"client_id": f"client-{shopper}"},
                "candidates": hits,
            }
            (await client.post("/v1/rerank", json=body)).raise_for_status()

    async def run(self, client: httpx.AsyncClient, pause: float) -> None:
        """Sends until all is sent or nobody answers."""
        while self._left:
            batch = self._left[-20:]
            try:
                answer = await client.post("/v1/events", json=[self._event(*one) for one in batch])
            except httpx.TransportError:
                return
            assert answer.status_code == 200, answer.text
            found = answer.json()
            assert found["accepted"] + found["repeated"] == len(batch), found
            del self._left[-20:]
            await asyncio.sleep(pause)

    def _event(self, shopper: int, hit: int) -> dict[str, Any]:
        return {
            "action_name": "click",
            "client_id": f"client-{shopper}",
            "query_id": f"query-{shopper}",
            "timestamp": round((self.began + hit / 1000) * 1000),
            "event_attributes": {"object": {"object_id": f"item-{hit}"}},
        }


async def until_applied(client: httpx.AsyncClient) -> None:
    end = time.monotonic() + 90
    while "\nreshelf_journal_waiting 0.0" not in (await client.get("/metrics")).text:
        assert time.monotonic() < end, "not all events were applied in time"
        await asyncio.sleep(0.2)


async def journaled(folder: Path) -> list[KeyedEvent]:
    journal = Journal(JournalSettings(), folder)
    journal.open()
    try:
        return [event for _, event in await journal.read(0, 1_000_000)]
    finally:
        await journal.close()


async def learned(
    section: Mapping[str, Any], folder: Path, events: list[KeyedEvent]
) -> tuple[Counter[bytes], float]:
    """How many events each shopper's profile has learned from, and the shop's clicks."""
    store = open_store(Store.model_validate(section), folder)
    profiles = Profiles(store)
    keys = sorted({event.client for event in events})
    tastes = await profiles.read_many(keys)
    engagement = Engagement.model_validate(NO_DECAY)
    (stored,) = await store.get([SHOP])
    assert stored is not None
    record = unpack(stored.value, record_type(engagement.keep_days))
    _, clicks = Figures.unpack(record.payload).at(time.time(), half_lives(engagement))
    await profiles.close()
    await store.close()
    found = {key: taste.learned for key, taste in zip(keys, tastes, strict=True) if taste is not None}
    return Counter(found), clicks[CLICKS]


@pytest.mark.parametrize(("kind", "killed"), [("sqlite", "sidecar"), ("redis", "store"), ("redis", "both")])
async def test_each_accepted_event_counts_once(kind: str, killed: str, tmp_path: Path) -> None:
    chance, load = random.Random(5), Load()
    with stores(kind, tmp_path) as (section, server):
        settings = {
            "scorer": {"kind": "order"},
            "store": section,
            "served": {"kind": "sqlite", "flush_ms": 50},
            "engagement": {**NO_DECAY, "flush_ms": 100},
        }
        with SidecarProcess(tmp_path, settings=settings) as sidecar:
            async with httpx.AsyncClient(base_url=sidecar.http_url, timeout=30) as client:
                await load.search(client)
                await asyncio.sleep(1)
                for _ in range(ROUNDS):
                    sending = asyncio.create_task(load.run(client, pause=0.02))
                    await asyncio.sleep(chance.uniform(0.1, 0.6))
                    if server is not None and killed != "sidecar":
                        await asyncio.to_thread(server.kill)
                    if killed != "store":
                        await asyncio.to_thread(sidecar.kill)
                    await asyncio.sleep(0.2)
                    if server is not None and killed != "sidecar":
                        await asyncio.to_thread(server.start)
                    if killed != "store":
                        await sending
                        await asyncio.to_thread(sidecar.start)
                    else:
                        sending.cancel()
                        await asyncio.wait({sending})
                await load.run(client, pause=0)
                assert load.over
                await until_applied(client)
            sidecar.stop()
            folder = tmp_path / "sidecar-state"
            events = await journaled(folder)
            assert len(events) == SHOPPERS * HITS, "all are there, none twice"
            counts, clicks = await learned(section, folder, events)
    assert counts == Counter(event.client for event in events)
    assert clicks == pytest.approx(SHOPPERS * HITS, abs=0.5)
