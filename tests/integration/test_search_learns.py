"""A search, what the shopper does with it, and the next search: the sidecar's service as it is configured."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.config.sidecar import SidecarSettings
from sidecar.stack.redis_server import RedisServer
from tests.fixtures.applied import until_applied
from tests.fixtures.service import settings
from tests.fixtures.small_shop import BRAND_OF, DURABLE, PLAIN, at, ids, open_shop, share


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis"), DURABLE) as server:
        yield server


@pytest.fixture(params=["memory", "sqlite", "redis"])
def configured(request: pytest.FixtureRequest, tmp_path: Path) -> SidecarSettings:
    if request.param == "redis":
        return at(request.getfixturevalue("redis"), tmp_path)
    store = {"kind": request.param, "timeout_ms": 200}
    return settings(state_folder=tmp_path / "state", store=store, served={"kind": request.param})


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
    # Patience for a machine that runs all tests at once.
    store = {"kind": "sqlite", "timeout_ms": 200}
    kept = settings(state_folder=tmp_path / "state", store=store, served={"kind": "sqlite"})
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
        await until_applied(shop.client)
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
        await until_applied(shop.client)
        assert ids(await shop.search({"client_id": "c"})) == PLAIN


async def test_page_2_continues_page_1_whatever_happens_between(configured: SidecarSettings) -> None:
    async with open_shop(configured) as shop:
        shopper = {"client_id": "fox"}
        await shop.like(shopper, "Foxmoor")
        first = await shop.search(shopper, "q-pages")
        await shop.event("q-pages", ids(first)[9], "purchase", **shopper)
        await until_applied(shop.client)
        second = await shop.search(shopper, "q-pages", page={"start": 10, "size": 10})
        assert ids(second) == ids(first)
        assert ids(await shop.search(shopper, "another")) != ids(first)


async def test_no_id_and_no_word_is_written_anywhere(tmp_path: Path) -> None:
    kept = settings(state_folder=tmp_path / "state", store={"kind": "sqlite"}, served={"kind": "sqlite"})
    async with open_shop(kept) as shop:
        shopper = {"client_id": "client-0815", "user_id": "user-4711", "session_id": "visit-42"}
        found = await shop.search(shopper, "query-999")
        await shop.event("query-999", ids(found)[3], **shopper)
        await until_applied(shop.client)
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
        await until_applied(shop.client)
        assert ids(await shop.search({"client_id": "c"})) == PLAIN
        metrics = (await shop.client.get("/metrics")).text
        assert 'reshelf_events_applied_total{outcome="failed"}' not in metrics
