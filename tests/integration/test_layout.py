"""The whole path, laid out: rules published to OpenSearch, the plugin, `reshelf serve`, plain clients."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from sidecar.cli.main import app
from sidecar.config.rules import RulesOpenSearch
from sidecar.opensearch.rule_releases import OpenSearchReleases
from sidecar.rules.language.rule import Rule
from sidecar.rules.release_store import ReleaseStore
from sidecar.rules.rule_set import RuleSet
from sidecar.stack.paths import project_root
from sidecar.stack.sidecar_process import SidecarProcess
from tests.fixtures.cluster import Cluster, wait_until
from tests.fixtures.search_client import Answer, SearchClient
from tests.fixtures.shelf import create_pipelines

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

INDEX, RULES_INDEX = "lamps", "rules-of-the-layout-test"
PROFILES = str(project_root() / "plugin_config" / "profiles")
WITHIN = 2.0
"""Seconds in which a version spreads to all sidecars."""
COUNT = 130
PRODUCTS = [
    {
        "product_id": f"p{number}",
        # The longer the text, the lower BM25 sets it: the order is known.
        "title": "reading lamp" + " with shade" * (number // 8) + f" {number}",
        "brand": ["Foxmoor", "Nordby", "Palisade"][number % 3],
        "stock": 0 if number % 10 == 7 else 5,
        "price": 10.0 + number,
    }
    for number in range(COUNT)
] + [{"product_id": "odd", "title": "candle", "brand": "Foxmoor", "stock": 3, "price": 5.0}]

SECTIONS = [
    {"name": "top", "kind": "hero", "hits": 1},
    {"name": "rest", "kind": "grid", "rows": 3, "columns": 3},
]


class LampShop:
    """A shop with two sidecars, one of which the plugin asks, and its merchandiser."""

    def __init__(self, client: SearchClient, sidecars: list[SidecarProcess], store: ReleaseStore) -> None:
        self.client = client
        self._sidecars = sidecars
        self._store = store

    def publish(self, *rules: dict[str, Any]) -> float:
        """Publishes these rules and no others; the seconds until all sidecars have them."""
        latest = self._store.latest()
        found = RuleSet.of(Rule.model_validate(rule) for rule in rules)
        expected = latest.number if latest is not None else 0
        release = self._store.publish(found.to_json(), who="tester", why="a test", expected=expected)
        begin = time.monotonic()
        for sidecar in self._sidecars:
            wait_until(lambda one=sidecar: self.live(one) == release.name, what=f"{release.name} in force")
        return time.monotonic() - begin

    @staticmethod
    def live(sidecar: SidecarProcess) -> str:
        return str(LampShop.health(sidecar).get("rules"))

    @staticmethod
    def health(sidecar: SidecarProcess) -> dict[str, Any]:
        return dict(httpx.get(f"{sidecar.http_url}/health/ready", trust_env=False).json())

    def search(self, said: dict[str, Any] | None = None, **more: Any) -> Answer:
        """`said` goes into ext.reshelf."""
        ext = {"ext": {"reshelf": said}} if said is not None else {}
        query = {"match": {"title": "reading lamp"}}
        answer = self.client.search(INDEX, {"query": query, "size": 10, **ext, **more})
        assert answer.status == 200, answer.body
        return answer

    def click(self, query_id: str, item: str, client_id: str = "") -> None:
        event = {
            "action_name": "click",
            "query_id": query_id,
            "timestamp": int(time.time() * 1000),
            "event_attributes": {"object": {"object_id": item}},
            **({"client_id": client_id} if client_id else {}),
        }
        answer = httpx.post(f"{self._sidecars[0].http_url}/v1/events", json=event, trust_env=False)
        assert answer.json()["accepted"] == 1, answer.text

    def told(self, *command: str) -> Any:
        """What a command about rules and what came of them answers of the sidecar that the plugin asks."""
        config = self._sidecars[0].service.folder / "sidecar.yml"
        found = CliRunner().invoke(app, ["rules", *command, "--json", "--config", str(config)])
        assert found.exit_code == 0, found.output
        return json.loads(found.stdout)

    def plain(self, **more: Any) -> Answer:
        query = {"match": {"title": "reading lamp"}}
        return self.client.search(INDEX, {"query": query, "size": 10, **more}, search_pipeline="_none")


@pytest.fixture(scope="module")
def store(running_cluster: Cluster) -> Iterator[ReleaseStore]:
    found = OpenSearchReleases(RulesOpenSearch(url=running_cluster.client.url, index=RULES_INDEX))
    yield found
    found.close()
    running_cluster.client.call("DELETE", f"/{RULES_INDEX}")


@pytest.fixture(scope="module")
def sidecars(running_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    opensearch = {"url": running_cluster.client.url, "index": RULES_INDEX}
    configured = {
        "scorer": {"kind": "order", "canary": {"interval_ms": 300, "retry_ms": 100, "timeout_ms": 1000}},
        "store": {"kind": "memory"},
        "served": {"kind": "sqlite", "flush_ms": 50},
        "rules": {"kind": "opensearch", "opensearch": opensearch},
    }
    folders = [tmp_path_factory.mktemp("layout-sidecar") for _ in range(2)]
    # What the commands need to find the first one's served log and the rules.
    shared = {
        **configured,
        "state_folder": str(folders[0] / "sidecar-state"),
        "profiles": {"folder": PROFILES},
    }
    (folders[0] / "sidecar.yml").write_text(yaml.safe_dump(shared))
    with (
        SidecarProcess(folders[0], settings=configured) as first,
        SidecarProcess(folders[1], settings=configured) as second,
    ):
        yield [first, second]


@pytest.fixture(scope="module")
def lamps(running_cluster: Cluster) -> Iterator[None]:
    client = running_cluster.client
    properties = {
        "title": {"type": "text"},
        "brand": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
        "stock": {"type": "long"},
    }
    settings = {"index": {"number_of_shards": 1, "search.default_pipeline": "layout-test"}}
    fields = ["title", "brand", "stock", "price"]
    client.ok(
        "PUT",
        "/_search/pipeline/layout-test",
        {
            "request_processors": [{"reshelf_window": {"window": 100, "fields": fields}}],
            "response_processors": [{"reshelf": {}}],
        },
    )
    client.ok("PUT", f"/{INDEX}", {"settings": settings, "mappings": {"properties": properties}})
    lines = "".join(
        json.dumps({"index": {"_id": product["product_id"]}}) + "\n" + json.dumps(product) + "\n"
        for product in PRODUCTS
    )
    answer = httpx.post(
        f"{client.url}/{INDEX}/_bulk?refresh=true",
        content=lines,
        headers={"content-type": "application/x-ndjson"},
        trust_env=False,
        timeout=60,
    )
    assert not answer.json()["errors"]
    yield
    client.ok("DELETE", f"/{INDEX}")
    client.ok("DELETE", "/_search/pipeline/layout-test")
    create_pipelines(client)


@pytest.fixture
def shop(cluster: Cluster, sidecars: list[Any], store: ReleaseStore, lamps: None) -> Iterator[LampShop]:
    cluster.restore(sidecars[0].grpc_address)
    found = LampShop(cluster.client, sidecars, store)
    yield found
    found.publish()


def test_a_published_rule_is_in_force_on_all_sidecars_within_two_seconds(shop: LampShop) -> None:
    shop.publish()
    assert shop.search().ids == shop.plain().ids
    took = [
        shop.publish({"id": "up", "then": [{"pin": {"id": f"p{number}", "position": 1}}]})
        for number in (9, 8)
    ]
    assert max(took) < WITHIN
    assert shop.search().ids[0] == "p8"


def test_hidden_hits_are_on_no_page_and_totals_stay(shop: LampShop) -> None:
    shop.publish({"id": "out", "then": [{"hide": {"filter": "stock <= 0"}}]})
    before = shop.plain(size=130)
    shown = [
        one
        for start in range(0, 140, 10)
        for one in shop.search({"query_id": "q-hidden"}, **{"from": start}).ids
    ]
    gone = {product["product_id"] for product in PRODUCTS[:COUNT] if not product["stock"]}
    window_gone = gone & set(before.ids[:100])
    assert window_gone
    assert not window_gone & set(shown)
    assert sorted(shown) == sorted(set(before.ids) - window_gone)
    assert shop.search().body["hits"]["total"] == before.body["hits"]["total"]


def test_a_pin_is_fetched_under_the_filters_of_the_search(shop: LampShop) -> None:
    shop.publish({"id": "candle", "then": [{"pin": {"id": "odd", "position": 2, "on_missing": "fetch"}}]})
    plain = shop.plain().ids
    assert shop.search().ids == [plain[0], "odd", *plain[1:9]]
    cheap = {
        "bool": {"must": [{"match": {"title": "reading lamp"}}], "filter": [{"range": {"price": {"lt": 50}}}]}
    }
    assert shop.search(query=cheap).ids[1] == "odd"
    dear = {
        "bool": {"must": [{"match": {"title": "reading lamp"}}], "filter": [{"range": {"price": {"gt": 50}}}]}
    }
    assert "odd" not in shop.search(query=dear).ids
    assert "odd" not in shop.search(post_filter={"term": {"brand.keyword": "Nordby"}}).ids
    assert shop.search({"layout": True}, query=dear).report["layout"]["missing"] == ["odd"]


def test_a_pin_is_fetched_beside_a_rule_that_hides_what_is_sold_out(shop: LampShop) -> None:
    """p107 is sold out, p108 is not; neither is among the best 100."""
    pins = [
        {"id": one, "position": at, "on_missing": "fetch"}
        for at, one in ((1, "p107"), (2, "p108"), (3, "odd"))
    ]
    shop.publish(
        {"id": "three-pins", "then": [{"pin": pin} for pin in pins]},
        {"id": "sold-out", "then": [{"hide": {"filter": "stock <= 0"}}]},
    )
    plain = [one for one in shop.plain(size=100).ids if not one.endswith("7")]
    said = {"query_id": "q-checked", "layout": True}
    first = shop.search(said, _source=["price"])
    assert first.ids == [plain[0], "p108", "odd", *plain[1:8]]
    assert first.hits[1]["_source"] == {"price": 118.0}
    assert first.report["layout"]["missing"] == ["p107"]
    assert shop.search(said, **{"from": 10}).ids == plain[8:18]
    shop.publish(
        {"id": "three-pins", "then": [{"pin": pin} for pin in pins]},
        {"id": "dear", "then": [{"filter": {"filter": "price < 110"}}]},
    )
    assert shop.search({"query_id": "q-dear"}).ids[2] == "odd"
    assert "p108" not in shop.search({"query_id": "q-dear"}).ids


def test_sections_are_those_of_the_page_that_is_answered(shop: LampShop) -> None:
    """Further pages are cut from the remembered list; one begins in the window and ends behind it."""
    sections = [{"name": "top", "kind": "hero"}, {"name": "list", "kind": "grid"}]
    shop.publish(
        {"id": "front", "then": [{"page": {"sections": sections}}, {"hide": {"ids": ["p3"]}}]},
        {"id": "candle", "then": [{"pin": {"id": "odd", "position": 12, "on_missing": "fetch"}}]},
    )
    said = {"query_id": "q-sections", "layout": True}
    for start in (0, 10, 95):
        found = shop.search(said, **{"from": start})
        told = {one["name"]: one["ids"] for one in found.report["layout"]["sections"]}
        assert len(found.ids) == 10
        assert told == ({"top": found.ids[:1], "list": found.ids[1:]} if not start else {"list": found.ids})
    assert "odd" in shop.search(said, **{"from": 10}).report["layout"]["sections"][0]["ids"]


def test_a_click_on_a_fetched_pin_is_attributed_and_told(shop: LampShop) -> None:
    shop.publish({"id": "bring", "then": [{"pin": {"id": "odd", "position": 2, "on_missing": "fetch"}}]})
    found = shop.search({"client_id": "anna"})
    assert found.ids[1] == "odd"
    shop.search({"client_id": "bert"})
    shop.click(found.report["query_id"], "odd", "anna")

    def clicks() -> Any:
        return shop.told("stats")["rules"].get("bring", {}).get("in_force")

    wanted = {"searches": 2, "clicks": 1, "clicks_per_search": 0.5}
    wait_until(lambda: clicks() == wanted, what="the click counted")


def test_shares_are_learned_from_what_shoppers_clicked(shop: LampShop) -> None:
    variants = {name: {"sections": SECTIONS} for name in ("calm", "loud")}
    page = {"variants": variants, "shares": {"calm": 0.5, "loud": 0.5}}
    shop.publish({"id": "front", "then": [{"page": page}]})
    got = {}
    for number in range(120):
        client = f"shopper-{number}"
        found = shop.search({"client_id": client, "layout": True})
        got[client] = found.report["layout"]["variant"]["name"]
        if got[client] == "loud" or number % 5 == 0:
            shop.click(found.report["query_id"], found.ids[0], client)
    searches = {name: list(got.values()).count(name) for name in variants}

    def told() -> Any:
        return shop.told("shares", "front")

    def all_counted() -> bool:
        variants = told()["variants"]
        return variants["loud"]["clicks"] == searches["loud"]

    wait_until(all_counted, what="the clicks counted")
    found = told()
    assert {name: one["searches"] for name, one in found["variants"].items()} == searches
    assert found["shares"] == {"calm": 0.05, "loud": 0.95}
    # What it says can be published as it is.
    shop.publish({"id": "front", "then": [{"page": {**page, "shares": found["shares"]}}]})


def test_a_rule_acts_on_its_category_page_and_nowhere_else(shop: LampShop) -> None:
    shop.publish(
        {
            "id": "nordby-page",
            "when": {"browse": True, "filter": {"brand": "nordby"}},
            "then": [
                {"hide": {"filter": "stock <= 0"}},
                {"pin": {"id": "p100", "position": 1}},
                {"metadata": {"title": "All of Nordby"}},
            ],
        }
    )
    nordby = {"term": {"brand.keyword": "Nordby"}}
    page: dict[str, Any] = {"bool": {"filter": [nordby]}}
    plain = shop.plain(query=page, size=100).ids
    gone = {product["product_id"] for product in PRODUCTS[:COUNT] if not product["stock"]}
    expected = ["p100", *(one for one in plain if one != "p100" and one not in gone)]
    assert shop.search(query=page, size=100).ids == expected
    told = shop.search({"layout": True, "query_id": "q-page"}, query=page).report
    assert told["layout"]["metadata"] == {"title": "All of Nordby"}
    assert told["skipped"] == [{"stage": "relevance", "reason": "no_query_text", "candidates": 0}]
    both = {"terms": {"brand.keyword": ["Nordby", "Foxmoor"]}}
    words = {"bool": {"must": [{"match": {"title": "reading lamp"}}], "filter": [nordby]}}
    for elsewhere in (both, words, {"match_all": {}}):
        assert shop.search(query=elsewhere).ids == shop.plain(query=elsewhere).ids
    assert shop.search({"explain": True}, query=page).report["hits"][0]["rules"][0]["rule"] == "nordby-page"


def test_where_nothing_is_found_a_rule_shows_bestsellers(shop: LampShop) -> None:
    shop.publish(
        {
            "id": "bestsellers",
            "when": {"result": {"at_most": 0}},
            "then": [
                {"pin": {"id": "p3", "position": 1, "on_missing": "fetch"}},
                {"pin": {"id": "odd", "position": 2, "on_missing": "fetch"}},
                {"metadata": {"note": "nothing found"}},
            ],
        },
        {
            "id": "other-word",
            "when": {"query": {"contains": "zeppelins"}, "result": {"at_most": 0}},
            "then": [{"metadata": {"see": "balloons"}}],
        },
    )
    nothing = {"match": {"title": "Zeppelin"}}
    answer = shop.search({"layout": True}, query=nothing)
    assert answer.ids == ["p3", "odd"]
    assert answer.body["hits"]["total"]["value"] == 0
    assert answer.report["layout"]["metadata"] == {"note": "nothing found", "see": "balloons"}
    dear = {"bool": {"must": [nothing], "filter": [{"range": {"price": {"gt": 10}}}]}}
    assert shop.search(query=dear).ids == ["p3"]
    assert shop.search().ids == shop.plain().ids


def test_an_explicit_sort_switches_the_layout_off(shop: LampShop) -> None:
    shop.publish({"id": "up", "then": [{"pin": {"id": "p100", "position": 1, "on_missing": "fetch"}}]})
    assert shop.search().ids[0] == "p100"
    dearest = shop.search(sort=[{"price": "desc"}]).ids
    assert dearest == shop.plain(sort=[{"price": "desc"}]).ids


def test_rules_act_by_what_a_client_says_and_tell_it_what_they_did(shop: LampShop) -> None:
    shop.publish(
        {
            "id": "runners",
            "when": {"segment": "runner", "device": "mobile", "experiment": {"home": "b"}},
            "then": [
                {"boost": {"filter": "brand == 'palisade'", "weight": 50}},
                {"metadata": {"banner": "run"}},
                {"page": {"sections": SECTIONS}},
            ],
        },
        {"id": "hide-it", "then": [{"hide": {"ids": ["p3"]}}]},
    )
    said = {"segments": ["runner"], "device": "mobile", "experiments": {"home": "b"}}
    brands = {product["product_id"]: product["brand"] for product in PRODUCTS}
    assert {brands[one] for one in shop.search(said).ids} == {"Palisade"}
    assert {brands[one] for one in shop.search({**said, "experiments": {"home": "a"}}).ids} != {"Palisade"}

    told = shop.search({**said, "layout": True, "structured_data": True, "explain": True})
    layout = told.report["layout"]
    assert layout["metadata"] == {"banner": "run"}
    assert [section["name"] for section in layout["sections"]] == ["top", "rest"]
    items = layout["item_list"]["itemListElement"]
    assert [item["position"] for item in items] == list(range(1, 11))
    assert layout["pages"]["next"] == {"from": 10, "size": 10, "rel": "next"}
    touched = told.report["hits"][0]["rules"]
    assert ("runners", "boost") in {(touch["rule"], touch["action"]) for touch in touched}
    assert "p3" in json.dumps(layout["explain"])
    for hit in told.report["hits"]:
        parts = [part["value"] for part in hit["contributions"]]
        assert sum(parts) == pytest.approx(hit["score"], abs=1e-5)
    assert "layout" not in shop.search({}).report


def test_ads_are_served_to_those_only_who_ask_for_them(shop: LampShop) -> None:
    slot = {"kind": "sponsored", "positions": [1], "ids": ["p50"], "label": "Sponsored"}
    shop.publish({"id": "ad", "then": [{"slot": slot}]})
    assert shop.search({"layout": True}).ids == shop.plain().ids
    served = shop.search({"sponsored": True})
    assert served.ids[0] == "p50"
    assert "Sponsored" in json.dumps(served.report["layout"])


def test_a_version_that_cannot_be_read_leaves_the_one_before(
    shop: LampShop, store: ReleaseStore, sidecars: list[SidecarProcess]
) -> None:
    shop.publish({"id": "up", "then": [{"pin": {"id": "p40", "position": 1}}]})
    latest = store.latest()
    assert latest is not None
    store.publish('{"format":99,"rules":[]}', who="tester", why="of the future", expected=latest.number)
    for sidecar in sidecars:
        wait_until(lambda one=sidecar: "rules_behind" in shop.health(one), what="the version of the future")
    assert shop.search().ids[0] == "p40"
    shop.publish({"id": "up", "then": [{"pin": {"id": "p41", "position": 1}}]})
    assert shop.search().ids[0] == "p41"
