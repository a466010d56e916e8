"""A search, what the shopper does with it, and the next search: the sidecar's service as it is configured."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from sidecar.config.sidecar import SidecarSettings
from sidecar.stack.redis_server import RedisServer
from tests.fixtures.service import running, settings

BRANDS = ["Foxmoor", "Nordby", "Palisade", "Quillon"]
DURABLE = ["--appendonly", "yes", "--appendfsync", "always"]
WORDS = {"text": "red shoes", "index": "shop"}


def hits(count: int = 40) -> list[dict[str, Any]]:
    """Brands in turn; the first stage's scores fall slowly."""
    return [
        {
            "id": f"p{rank}",
            "score": 20 - rank / 10,
            "fields": {
                "title": {"texts": [f"shoe number {rank}"]},
                "brand": {"texts": [BRANDS[rank % 4]]},
                "price": {"numbers": [20.0 + rank % 7]},
            },
        }
        for rank in range(1, count + 1)
    ]


BRAND_OF = {hit["id"]: hit["fields"]["brand"]["texts"][0] for hit in hits()}
PLAIN = [hit["id"] for hit in hits()]


class Shop:
    """A shop's site in front of the sidecar."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def search(self, shopper: Mapping[str, Any], query_id: str = "", **more: Any) -> dict[str, Any]:
        answer = await self.client.post(
            "/v1/rerank",
            json={
                "query": {**WORDS, "id": query_id},
                "candidates": hits(),
                "shopper": shopper,
                "page": {"start": 0, "size": 10},
                **more,
            },
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def event(self, query_id: str, item: str, action: str = "click", **more: Any) -> dict[str, Any]:
        answer = await self.client.post(
            "/v1/events",
            json={
                "action_name": action,
                "query_id": query_id,
                "timestamp": int(time.time() * 1000),
                "event_attributes": {"object": {"object_id": item}},
                **more,
            },
        )
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def like(self, shopper: Mapping[str, Any], brand: str, clicks: int = 6) -> None:
        """Searches again and again, and clicks the brand's first hit."""
        for _ in range(clicks):
            found = await self.search(shopper)
            item = next(one for one in ids(found) if BRAND_OF[one] == brand)
            await self.event(found["query_id"], item, "add_to_cart", **shopper)
        await asyncio.sleep(0.2)


def ids(answer: Mapping[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


def share(answer: Mapping[str, Any], brand: str, first: int = 10) -> int:
    return sum(BRAND_OF[one] == brand for one in ids(answer)[:first])


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis"), DURABLE) as server:
        yield server


def at(server: RedisServer, folder: Path) -> SidecarSettings:
    """A sidecar whose shoppers are in Redis, under a prefix of the test's own."""
    redis = {"addresses": [server.address], "prefix": f"{folder.name}:"}
    # Patience for a machine that runs all tests at once.
    store = {"kind": "redis", "timeout_ms": 200, "redis": redis}
    return settings(state_folder=folder / "state", store=store, served={"kind": "sqlite"})


@pytest.fixture(params=["memory", "sqlite", "redis"])
def configured(request: pytest.FixtureRequest, tmp_path: Path) -> SidecarSettings:
    if request.param == "redis":
        return at(request.getfixturevalue("redis"), tmp_path)
    store = {"kind": request.param, "timeout_ms": 200}
    return settings(state_folder=tmp_path / "state", store=store, served={"kind": request.param})


@asynccontextmanager
async def open_shop(configured: SidecarSettings) -> AsyncIterator[Shop]:
    async with running(configured) as service, httpx.AsyncClient(base_url=service.http.address) as client:
        yield Shop(client)


async def test_two_shoppers_two_orders_and_a_stranger_gets_relevance(configured: SidecarSettings) -> None:
    async with open_shop(configured) as shop:
        fox, nord = {"client_id": "fox"}, {"client_id": "nord"}
        before = await shop.search(fox)
        assert ids(before) == PLAIN
        await shop.like(fox, "Foxmoor")
        await shop.like(nord, "Nordby")
        first, second = await shop.search(fox), await shop.search(nord)
        assert share(first, "Foxmoor") > share(second, "Foxmoor")
        assert share(second, "Nordby") > share(first, "Nordby")
        stranger = await shop.search({"client_id": "stranger"})
        assert stranger["hits"] == before["hits"]
        nobody = await shop.search({})
        assert nobody["hits"] == before["hits"]


async def test_one_click_changes_the_very_next_search(configured: SidecarSettings) -> None:
    async with open_shop(configured) as shop:
        shopper = {"client_id": "c"}
        found = await shop.search(shopper)
        item = ids(found)[5]
        told = await shop.event(found["query_id"], item, client_id="c")
        assert told["accepted"] == 1
        # How soon it is the very next search: tests/performance/event_apply.py.
        after = await shop.search(shopper, explain=True)
        for _ in range(100):
            if after["stages"][-1]["figures"].get("events") == 1:
                break
            await asyncio.sleep(0.05)
            after = await shop.search(shopper, explain=True)
        assert ids(after) != PLAIN
        assert ids(after).index(item) < PLAIN.index(item)
        for hit in after["hits"]:
            assert sum(part["value"] for part in hit["contributions"]) == pytest.approx(
                hit["score"], abs=1e-9
            )
        names = {part["name"] for hit in after["hits"] for part in hit["contributions"]}
        assert f"brand: {BRAND_OF[item]}" in names


async def test_what_was_learned_survives_a_restart_where_the_store_does(tmp_path: Path) -> None:
    kept = settings(state_folder=tmp_path / "state", store={"kind": "sqlite"}, served={"kind": "sqlite"})
    async with open_shop(kept) as shop:
        await shop.like({"client_id": "fox"}, "Foxmoor")
        before = await shop.search({"client_id": "fox"}, explain=True)
        assert ids(before) != PLAIN
    async with open_shop(kept) as shop:
        after = await shop.search({"client_id": "fox"}, explain=True)
    assert ids(after) != PLAIN
    # Not the very order: what was learned decays with the seconds between.
    learned = [one["stages"][-1]["figures"] for one in (before, after)]
    assert learned[0]["events"] == learned[1]["events"] == 6
    assert learned[0]["preferences"] == learned[1]["preferences"]


async def test_a_store_that_goes_and_comes_back_costs_no_search_and_no_event(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "redis", DURABLE) as server:
        async with open_shop(at(server, tmp_path)) as shop:
            shopper = {"client_id": "fox"}
            await shop.like(shopper, "Foxmoor")
            known = await shop.search(shopper)
            assert ids(known) != PLAIN
            server.kill()
            lost = await shop.search(shopper)
            assert ids(lost) == PLAIN
            assert {"personalization": "store_unavailable"} in [
                {skip["stage"]: skip["reason"]} for skip in lost["skipped"]
            ]
            told = await shop.event(lost["query_id"], ids(known)[0], "purchase", **shopper)
            assert told["accepted"] == 1, "the journal keeps it meanwhile"
            server.start()
            for _ in range(200):
                after = await shop.search(shopper, explain=True)
                if after["stages"][-1]["figures"].get("events", 0) >= 7:
                    break
                await asyncio.sleep(0.05)
            assert after["stages"][-1]["figures"]["events"] == 7, "six before, one while it was away"
            assert ids(after) != PLAIN


async def test_a_login_takes_the_clients_taste_along(configured: SidecarSettings) -> None:
    async with open_shop(configured) as shop:
        await shop.like({"client_id": "c"}, "Foxmoor")
        found = await shop.search({"client_id": "c", "user_id": "u"})
        await shop.event(found["query_id"], ids(found)[0], client_id="c", user_id="u")
        await asyncio.sleep(0.2)
        elsewhere = await shop.search({"client_id": "another device", "user_id": "u"})
        assert share(elsewhere, "Foxmoor") > share({"hits": [{"id": one} for one in PLAIN]}, "Foxmoor")


@pytest.mark.parametrize(
    "more",
    [
        {"strength": 0},
        {"context": {"crawler": True}},
        {"shopper": {"client_id": "fox", "consent": "CONSENT_DENIED"}},
    ],
    ids=["strength 0", "crawler", "no consent"],
)
async def test_who_is_known_and_yet_gets_relevance(configured: SidecarSettings, more: dict[str, Any]) -> None:
    async with open_shop(configured) as shop:
        await shop.like({"client_id": "fox"}, "Foxmoor")
        assert ids(await shop.search({"client_id": "fox"})) != PLAIN
        asked = {"shopper": {"client_id": "fox"}, **more}
        assert ids(await shop.search(**asked)) == PLAIN


async def test_events_of_who_denied_consent_teach_nothing(configured: SidecarSettings) -> None:
    async with open_shop(configured) as shop:
        found = await shop.search({"client_id": "c"})
        told = await shop.event(found["query_id"], ids(found)[5], client_id="c", consent=False)
        assert told["accepted"] == 0
        await asyncio.sleep(0.2)
        assert ids(await shop.search({"client_id": "c"})) == PLAIN


async def test_page_2_continues_page_1_whatever_happens_between(configured: SidecarSettings) -> None:
    async with open_shop(configured) as shop:
        shopper = {"client_id": "fox"}
        await shop.like(shopper, "Foxmoor")
        first = await shop.search(shopper, "q-pages")
        await shop.event("q-pages", ids(first)[9], "purchase", **shopper)
        await asyncio.sleep(0.2)
        second = await shop.search(shopper, "q-pages", page={"start": 10, "size": 10})
        assert ids(second) == ids(first)
        assert ids(await shop.search(shopper, "another")) != ids(first)


async def test_no_id_and_no_word_is_written_anywhere(tmp_path: Path) -> None:
    kept = settings(state_folder=tmp_path / "state", store={"kind": "sqlite"}, served={"kind": "sqlite"})
    async with open_shop(kept) as shop:
        shopper = {"client_id": "client-0815", "user_id": "user-4711", "session_id": "visit-42"}
        found = await shop.search(shopper, "query-999")
        await shop.event("query-999", ids(found)[3], **shopper)
        await asyncio.sleep(0.2)
        metrics = (await shop.client.get("/metrics")).content
    written = [metrics, *(file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file())]
    assert len(written) > 3
    for secret in (b"client-0815", b"user-4711", b"visit-42", b"query-999", b"red shoes"):
        assert not any(secret in content for content in written), secret


async def test_a_search_of_another_profile_without_personalization_teaches_items_only(
    configured: SidecarSettings,
) -> None:
    async with open_shop(configured) as shop:
        found = await shop.search({"client_id": "c"}, profile="bi-encoder")
        told = await shop.event(found["query_id"], ids(found)[5], client_id="c")
        assert told["accepted"] == 1
        await asyncio.sleep(0.3)
        assert ids(await shop.search({"client_id": "c"})) == PLAIN
        metrics = (await shop.client.get("/metrics")).text
        assert 'reshelf_events_applied_total{outcome="failed"}' not in metrics
