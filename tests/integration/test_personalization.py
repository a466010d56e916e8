"""The whole path, personal: OpenSearch, the plugin, `reshelf serve`, Triton, shoppers and what they click."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from sidecar.stack.sidecar_process import SidecarProcess
from sidecar.stack.triton_process import TritonProcess
from tests.fixtures.applied import all_applied
from tests.fixtures.cluster import Cluster, wait_until
from tests.fixtures.search_client import Answer, SearchClient
from tests.fixtures.shelf import create_pipelines

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

BRANDS = ["Foxmoor", "Nordby", "Palisade", "Quillon"]
COLORS = ["red", "blue", "black"]
WORDS = "trail running shoes"
PRODUCTS = [
    {
        "product_id": f"p{number}",
        "title": f"Trail running shoes, model {number}",
        "brand": BRANDS[number % 4],
        "color": COLORS[number % 3],
        "category": ["Sport", "Shoes", "Running shoes"],
        "price": 40.0 + 7 * (number % 9),
        "rating": 3.0 + number % 3,
        "locale": "us",
    }
    for number in range(60)
]
BRAND_OF = {product["product_id"]: product["brand"] for product in PRODUCTS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("personal-sidecar")


@pytest.fixture(scope="module")
def configured(triton: TritonProcess, running_cluster: Cluster, folder: Path) -> dict[str, Any]:
    """The shipped configuration, with this test's addresses, and what was served kept in the cluster."""
    return {
        "state_folder": folder / "state",
        "scorer": {
            "triton": {"address": triton.grpc_address},
            "canary": {"interval_ms": 300, "retry_ms": 100, "timeout_ms": 1000},
        },
        # A machine that runs all of this at once is slower than any that serves.
        "store": {"timeout_ms": 100},
        "served": {"kind": "opensearch", "opensearch": {"url": running_cluster.client.url}},
    }


@pytest.fixture(scope="module")
def sidecar(configured: dict[str, Any], folder: Path) -> Iterator[SidecarProcess]:
    with SidecarProcess(folder, settings=configured) as process:
        yield process


@pytest.fixture(scope="module")
def shop(running_cluster: Cluster, folder: Path) -> Iterator[str]:
    file = folder / "products.jsonl"
    file.write_text("".join(json.dumps(product) + "\n" for product in PRODUCTS))
    reshelf(
        "data", "load", "--products", file, "--index", "shoes", "--opensearch", running_cluster.client.url
    )
    yield "shoes"
    running_cluster.client.ok("DELETE", "/shoes")
    running_cluster.client.call("DELETE", "/reshelf-served-*")
    create_pipelines(running_cluster.client)


class Visit:
    """A shop's site: searches through OpenSearch, and tells the sidecar what its shoppers do."""

    def __init__(self, client: SearchClient, sidecar: SidecarProcess) -> None:
        self.client = client
        self._http = httpx.Client(base_url=sidecar.http_url, timeout=20, trust_env=False)

    def search(self, said: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        """`said` goes into ext.reshelf."""
        ext = {"ext": {"reshelf": dict(said)}} if said is not None else {}
        answer = self.client.search("shoes", {**body(), **ext, **more})
        assert answer.status == 200
        return answer

    def click(self, query_id: str, item: str, action: str = "click", **who: Any) -> None:
        event = {
            "action_name": action,
            "query_id": query_id,
            "timestamp": int(time.time() * 1000),
            "event_attributes": {"object": {"object_id": item}},
            **who,
        }
        answer = self._http.post("/v1/events", json=event)
        assert answer.json()["accepted"] == 1, answer.text

    def like(self, client_id: str, brand: str, times: int = 6) -> None:
        """Some searches, and the brand's first hit of each put into the cart."""
        for _ in range(times):
            found = self.search({"client_id": client_id}, size=60)
            item = next(one for one in found.ids if BRAND_OF[one] == brand)
            self.click(found.report["query_id"], item, "add_to_cart", client_id=client_id)
        self.learned()

    def learned(self) -> None:
        """Return when the sidecar has learned from all that it was told."""
        wait_until(lambda: all_applied(self._http.get("/metrics").text), 60, what="learning")


@pytest.fixture
def visit(cluster: Cluster, sidecar: SidecarProcess, shop: str) -> Visit:
    cluster.restore(sidecar.grpc_address)
    return Visit(cluster.client, sidecar)


def body() -> dict[str, Any]:
    return {"query": {"match": {"title": WORDS}}, "size": 20}


def reshelf(*arguments: object, environment: Mapping[str, str] | None = None) -> str:
    """Run the command as a user would; its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "sidecar", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def two_brands(answer: Answer) -> tuple[str, str]:
    """Two brands that relevance has near the top: a taste for one of them can be seen."""
    brands = list(dict.fromkeys(BRAND_OF[one] for one in answer.ids))
    return brands[0], brands[1]


def share(answer: Answer, brand: str, first: int = 10) -> int:
    return sum(BRAND_OF[one] == brand for one in answer.ids[:first])


def test_two_shoppers_search_the_same_words_and_get_different_orders(visit: Visit) -> None:
    relevance = visit.search({"client_id": "nobody knows", "explain": True})
    assert relevance.report["reranked"]
    one, other = two_brands(relevance)
    visit.like("fox", one)
    visit.like("nord", other)
    fox, nord = visit.search({"client_id": "fox"}), visit.search({"client_id": "nord"})
    assert share(fox, one) > share(nord, one)
    assert share(nord, other) > share(fox, other)
    assert fox.report["skipped"] == []
    assert {"personalization", "model", "profile"} <= fox.report["versions"].keys()
    strangers = [
        visit.search(),
        visit.search({"client_id": "a stranger"}),
        visit.search({"client_id": "fox", "strength": 0}),
        visit.search({"client_id": "fox", "consent": False}),
        visit.search({"client_id": "fox", "crawler": True}),
    ]
    for stranger in strangers:
        assert stranger.ids == relevance.ids
    assert [skip["reason"] for skip in strangers[3].report["skipped"]] == ["no_consent"]
    assert [skip["reason"] for skip in strangers[4].report["skipped"]] == ["crawler"]


def test_a_click_changes_the_very_next_search(visit: Visit) -> None:
    before = visit.search({"client_id": "newcomer"})
    item = before.ids[12]
    visit.click(before.report["query_id"], item, client_id="newcomer")
    said = {"client_id": "newcomer", "explain": True}
    wait_until(lambda: visit.search(said).report["stages"][-1]["figures"].get("events") == 1, 5)
    after = visit.search(said)
    assert after.ids.index(item) < before.ids.index(item)
    told = {hit["id"]: hit for hit in after.report["hits"]}
    names = {part["name"] for part in told[item]["contributions"]}
    assert f"brand: {BRAND_OF[item]}" in names
    for hit in told.values():
        assert sum(part["value"] for part in hit["contributions"]) == pytest.approx(hit["score"], abs=1e-9)
    stage = after.report["stages"][-1]
    assert stage["name"] == "personalization"
    assert stage["figures"]["events"] == 1


def test_page_2_continues_page_1(visit: Visit, cluster: Cluster) -> None:
    visit.like("pager", two_brands(visit.search({}))[1])
    said = {"client_id": "pager", "query_id": "paged-query"}
    whole = visit.search(said, size=60).ids
    pages = [visit.search(said, **{"from": 0, "size": 10}).ids]
    visit.click("paged-query", pages[0][3], "purchase", client_id="pager")
    visit.learned()
    pages.append(visit.search(said, **{"from": 10, "size": 10}).ids)
    cluster.forget_pages()  # as on another node, which asks the sidecar again
    pages.append(visit.search(said, **{"from": 20, "size": 10}).ids)
    assert [one for page in pages for one in page] == whole[:30]


def test_who_searches_may_be_said_in_ubis_section(visit: Visit) -> None:
    visit.like("ubi-fox", two_brands(visit.search({}))[1])
    ubi = {"ubi": {"client_id": "ubi-fox", "query_id": "ubi-q"}}
    known = visit.client.search("shoes", {**body(), "ext": ubi})
    assert known.ids == visit.search({"client_id": "ubi-fox"}).ids
    assert known.ids != visit.search({}).ids
    visit.click("ubi-q", known.ids[0], client_id="ubi-fox")


def test_forgetting_brings_the_relevance_order_back(visit: Visit, configured: dict[str, Any]) -> None:
    relevance = visit.search({})
    visit.like("leaver", two_brands(relevance)[1])
    known = visit.search({"client_id": "leaver"})
    assert known.ids != relevance.ids
    told = reshelf(
        *("profile", "forget", "--client-id", "leaver", "--yes"), environment=environment(configured)
    )
    assert "leaver" not in told
    assert visit.search({"client_id": "leaver"}).ids == relevance.ids
    late = {
        "action_name": "purchase",
        "query_id": known.report["query_id"],
        "client_id": "leaver",
        "timestamp": int((time.time() - 120) * 1000),
        "event_attributes": {"object": {"object_id": known.ids[0]}},
    }
    assert visit._http.post("/v1/events", json=late).json()["accepted"] == 1
    visit.learned()
    assert visit.search({"client_id": "leaver"}).ids == relevance.ids, "late events do not bring one back"


def test_the_kill_switch(visit: Visit, configured: dict[str, Any]) -> None:
    visit.like("switched", two_brands(visit.search({}))[1])
    relevance = visit.search({}).ids
    assert visit.search({"client_id": "switched"}).ids != relevance
    try:
        reshelf("personalization", "off", "--why", "a test", environment=environment(configured))
        wait_until(lambda: visit.search({"client_id": "switched"}).ids == relevance, 3)
        skipped = visit.search({"client_id": "switched"}).report["skipped"]
        assert [skip["reason"] for skip in skipped] == ["switched_off"]
    finally:
        reshelf("personalization", "on", environment=environment(configured))
    wait_until(lambda: visit.search({"client_id": "switched"}).ids != relevance, 3)


def test_what_was_served_is_in_the_cluster_without_ids(visit: Visit) -> None:
    found = visit.search({"client_id": "client-0815", "query_id": "query-4711"})
    visit.click("query-4711", found.ids[0], client_id="client-0815")

    def kept() -> int:
        visit.client.call("POST", "/reshelf-served-*/_refresh")
        return int(visit.client.ok("GET", "/reshelf-served-*/_count")["count"])

    wait_until(lambda: kept() > 0, 10)
    everything = json.dumps(visit.client.ok("GET", "/reshelf-served-*/_search", {"size": 1000}))
    for secret in ("client-0815", "query-4711", WORDS):
        assert secret not in everything


def environment(configured: Mapping[str, Any]) -> dict[str, str]:
    """What tells the command line where the sidecar keeps its records."""
    url = configured["served"]["opensearch"]["url"]
    return {
        "RESHELF_STATE_FOLDER": str(configured["state_folder"]),
        "RESHELF_SERVED__OPENSEARCH__URL": url,
        "RESHELF_SERVED__KIND": "opensearch",
    }
