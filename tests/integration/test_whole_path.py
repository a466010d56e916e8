"""A plain client, OpenSearch, the plugin, `reshelf serve`, a real Triton with the model, a small shop."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch

from sidecar.stack.sidecar_process import SidecarProcess
from sidecar.stack.triton_process import TritonProcess
from tests.fixtures.cluster import Cluster, wait_until
from tests.fixtures.comparison import comparable
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.model_servers import thaw
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import create_pipelines

# Building the model, once, is part of the first test's time.
pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

TITLES = [
    "Trail running shoes for men, waterproof",
    "Shoe rack with five shelves for the hall",
    "Running shoe laces, elastic, no tie",
    "Shoe polish, brown leather cream",
    "Shoe cleaning brush running water safe",
    "Women's lightweight jogging sneakers",
    "Horseshoe wall decoration, cast iron",
    "Kids running shoes with velcro",
    "Shoe box, transparent, stackable",
    "Book: a history of the running shoe",
    "男士跑步鞋 透气 轻便",
    "Garden hose, 20 m, running water tap adapter, shoe free",
]

QUERY = "running shoe"
PRODUCTS = [
    {
        "product_id": f"t{number}",
        "title": title,
        "brand": "Aurora",
        "color": "red",
        "locale": "us",
        "price": 10.0 + number,
    }
    for number, title in enumerate(TITLES)
]


@pytest.fixture(scope="module")
def real_sidecar(triton: TritonProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SidecarProcess]:
    """`reshelf serve` as it is configured, aimed at the test's Triton."""
    settings = {
        "scorer": {
            "triton": {"address": triton.grpc_address},
            "canary": {"interval_ms": 300, "retry_ms": 100, "timeout_ms": 1000},
        }
    }
    with SidecarProcess(tmp_path_factory.mktemp("real-sidecar"), settings=settings) as process:
        yield process


@pytest.fixture(scope="module")
def shop(running_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An index filled by `reshelf data load`, the search pipeline on it.

    The command writes the shop's own pipeline over the one that the shelves share, which is put back.
    """
    file = tmp_path_factory.mktemp("products") / "products.jsonl"
    file.write_text("".join(json.dumps(product, ensure_ascii=False) + "\n" for product in PRODUCTS))
    reshelf(
        "data", "load", "--products", str(file), "--index", "shop", "--opensearch", running_cluster.client.url
    )
    yield "shop"
    running_cluster.client.ok("DELETE", "/shop")
    create_pipelines(running_cluster.client)


@pytest.fixture
def real(cluster: Cluster, real_sidecar: SidecarProcess, shop: str) -> SearchClient:
    """A client of the cluster whose plugin asks the real sidecar."""
    cluster.restore(real_sidecar.grpc_address)
    return cluster.client


def reshelf(*arguments: str) -> str:
    """Run the command as a user would; its standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "sidecar", *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def body(words: str = QUERY, **more: Any) -> dict[str, Any]:
    return {"query": {"multi_match": {"query": words, "fields": ["title", "brand"]}}, "size": 20, **more}


def order(client: SearchClient, words: str = QUERY) -> list[str]:
    answer = client.search("shop", body(words))
    assert answer.status == 200
    return answer.ids


def test_the_model_changes_the_order(real: SearchClient) -> None:
    plain = real.plain("shop", body())
    through = real.search("shop", body())
    assert sorted(through.ids) == sorted(plain.ids)
    assert through.ids != plain.ids
    explained = real.search("shop", body(ext={"reshelf": {"explain": True}}))
    assert explained.ids == through.ids
    model = {
        hit["id"]: part["value"]
        for hit in explained.report["hits"]
        for part in hit["contributions"]
        if part["name"] == "similarity"
    }
    # What one can run in, above what only shares words with it.
    assert min(model[shoe] for shoe in ("t0", "t7")) > max(model[other] for other in ("t3", "t8", "t11"))
    same = comparable(plain) | {"hits": None}
    assert comparable(through) | {"hits": None} == same
    assert through.body["hits"]["max_score"] == plain.body["hits"]["max_score"]


def test_a_plain_opensearch_client(real: SearchClient) -> None:
    client = OpenSearch(real.url, timeout=30)
    try:
        found = client.search(index="shop", body=body())
        again = client.search(index="shop", body=body(**{"from": 0, "size": 3}))
        ids = [hit["_id"] for hit in found["hits"]["hits"]]
        assert ids == order(real)
        assert [hit["_id"] for hit in again["hits"]["hits"]] == ids[:3]
    finally:
        client.close()


def test_explain_tells_the_stages(real: SearchClient) -> None:
    answer = real.search("shop", body(ext={"reshelf": {"explain": True}}))
    report = answer.report
    assert report["reranked"] is True
    assert report["skipped"] == []
    names = [stage["name"] for stage in report["stages"]]
    assert names == ["understanding", "relevance", "personalization"]
    assert report["stages"][1]["candidates"] == len(answer.hits)
    assert {"sidecar", "profile", "model"} <= set(report["versions"])
    for told, place in zip(report["hits"], answer.places, strict=True):
        assert (told["index"], told["id"]) == place
        assert sum(part["value"] for part in told["contributions"]) == pytest.approx(told["score"], abs=1e-6)
    scores = [told["score"] for told in report["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_the_second_search_is_served_from_what_is_known(real: SearchClient) -> None:
    words = f"{QUERY} {time.time_ns()}"
    figures = [
        real.search("shop", body(words, ext={"reshelf": {"explain": True}})).report["stages"][1]["figures"]
        for _ in range(2)
    ]
    assert figures[0]["vectors_known"] == figures[0]["ranked"], "the query's own vector is not known yet"
    assert figures[1]["vectors_known"] == figures[1]["ranked"] + 1
    assert figures[1].get("cache_hits", 0) == figures[0].get("read", 0)


ODD_QUERIES = {
    "chinese": "跑步鞋",
    "mixed": "running 鞋 zapatos",
    "emoji": "👟👟👟",
    "punctuation": "!!! ??? ---",
    "one letter": "x",
    "control characters": "shoe\u0000\u0001\ufeff\u200b",
    "right to left": "חולצה أحذية",
    "half a surrogate pair": "shoe \ud83d",
    "markup": "<script>alert(1)</script> & \" ' \\ %00",
    "long": "running shoe " * 400,
    "one long word": "a" * 10_000,
}


@pytest.mark.parametrize("words", ODD_QUERIES.values(), ids=ODD_QUERIES.keys())
def test_odd_queries_are_never_an_error(words: str, real: SearchClient) -> None:
    sent = json.dumps(
        {
            "query": {"bool": {"must": [{"match_all": {}}], "should": [{"match": {"title": "shoe"}}]}},
            "ext": {"reshelf": {"query": words[:2000]}},
        }
    ).encode()
    answer = real.call("POST", "/shop/_search", content=sent)
    if answer.status == 400:
        # OpenSearch itself cannot read half a character.
        assert "\ud83d" in words
        return
    assert answer.status == 200
    assert len(answer.hits) == 10
    assert answer.report.get("reason") in (None, "no_query_text")


@pytest.mark.parametrize("words", ODD_QUERIES.values(), ids=ODD_QUERIES.keys())
def test_odd_words_in_the_query_itself(words: str, real: SearchClient) -> None:
    """Whatever OpenSearch makes of them, it makes of them with the pipeline too."""
    sent = json.dumps(body(words)).encode()
    plain = real.call("POST", "/shop/_search", content=sent, search_pipeline="_none")
    through = real.call("POST", "/shop/_search", content=sent)
    assert through.status == plain.status
    if plain.status == 200:
        assert sorted(through.ids) == sorted(plain.ids)


def test_odd_documents_are_scored(real: SearchClient) -> None:
    documents: list[dict[str, Any]] = [
        {"title": "shoe"},
        {"title": "shoe", "brand": ""},
        {"title": ["shoe", "", "another shoe"]},
        {"title": "鞋 " * 3000 + "shoe"},
        {"title": "shoe " + "\U0001f45f" * 500},
        {"title": "shoe \u0000\u0007\ufeff"},
        {"title": "shoe", "brand": None, "color": ["", None, "red"]},
    ]
    settings = {"index": {"number_of_replicas": 0, "search.default_pipeline": "reshelf"}}
    real.ok("PUT", "/odd", {"settings": settings})
    try:
        for number, document in enumerate(documents):
            real.ok("PUT", f"/odd/_doc/{number}", document)
        real.ok("POST", "/odd/_refresh")
        answer = real.search(
            "odd", {"query": {"match": {"title": "shoe"}}, "ext": {"reshelf": {"explain": True}}}
        )
        assert sorted(answer.ids) == sorted(str(number) for number in range(len(documents)))
        assert answer.report["reranked"]
        assert {skip["reason"] for skip in answer.report["skipped"]} <= {"truncated_text"}
    finally:
        real.call("DELETE", "/odd")


def test_an_unknown_profile_is_told(real: SearchClient) -> None:
    answer = real.search("shop", body(ext={"reshelf": {"profile": "no-such-profile"}}))
    assert answer.status == 200
    assert "unknown_profile" in {skip["reason"] for skip in answer.report["skipped"]}


def test_a_short_deadline_scores_what_it_can(real: SearchClient) -> None:
    """A budget of next to nothing: answered in time, in some honest order, saying what was left out."""
    real.settings(reshelf__deadline="4ms")
    for number in range(5):
        answer = real.search("shop", body(f"{QUERY} {number}", ext={"reshelf": {}}))
        assert answer.status == 200
        assert len(answer.hits) >= 8


def test_triton_is_killed_and_comes_back(
    real: SearchClient, triton: TritonProcess, real_sidecar: SidecarProcess, cluster: Cluster
) -> None:
    """Not a search fails; those who ask are told why; reranking comes back by itself."""
    base = real.plain("shop", body()).ids
    assert order(real) != base
    real.settings(reshelf__deadline="500ms")
    triton.kill()
    try:
        reasons: set[str] = set()
        until = time.monotonic() + 4
        while time.monotonic() < until:
            words = f"{QUERY} {time.time_ns()}"
            answer = real.search("shop", body(words, ext={"reshelf": {}}))
            assert answer.status == 200
            assert answer.ids == real.plain("shop", body(words)).ids
            assert answer.seconds < 3
            report = answer.report
            assert not report["reranked"]
            reasons |= {skip["reason"] for skip in report.get("skipped", [])} | {report["reason"]}
        assert reasons & {"scorer_unavailable", "scorer_failed", "breaker_open"}
        assert "internal_error" not in reasons
    finally:
        triton.start()
    real.settings(reshelf__deadline=None)
    wait_until(real_sidecar.is_ready, 30, what="the sidecar's readiness")
    cluster.wait_for(real_sidecar.grpc_address)
    assert order(real, f"{QUERY} {time.time_ns()}") != base


def test_triton_hangs(
    real: SearchClient, triton: TritonProcess, real_sidecar: SidecarProcess, cluster: Cluster
) -> None:
    real.settings(reshelf__deadline="300ms")
    triton.pause()
    try:
        for number in range(12):
            words = f"{QUERY} {time.time_ns()}"
            answer = real.search("shop", body(words, ext={"reshelf": {}}))
            assert answer.status == 200
            assert answer.ids == real.plain("shop", body(words)).ids, number
            assert answer.seconds < 3
    finally:
        thaw(triton)
    real.settings(reshelf__deadline=None)
    wait_until(real_sidecar.is_ready, 30, what="the sidecar's readiness")
    cluster.wait_for(real_sidecar.grpc_address)
    assert real.search("shop", body(ext={"reshelf": {}})).report["reranked"]


def test_the_pipeline_is_taken_off_in_the_right_order(
    real: SearchClient, fake: FakeSidecar, tmp_path: Path
) -> None:
    """After `reshelf pipeline remove` no index names it; every search works as if it had never been."""
    file = tmp_path / "products.jsonl"
    file.write_text("".join(json.dumps(product) + "\n" for product in PRODUCTS))
    url = real.url
    reshelf("data", "load", "--products", str(file), "--index", "leaving", "--opensearch", url)
    try:
        named = json.loads(reshelf("pipeline", "show", "--json", "--opensearch", url))
        assert "leaving" in named["indices"]
        reshelf("pipeline", "remove", "--index", "leaving", "--opensearch", url)
        settings = real.ok("GET", "/leaving/_settings", flat_settings="true")["leaving"]["settings"]
        assert "index.search.default_pipeline" not in settings
        assert real.search("leaving", body()).ids == real.plain("leaving", body()).ids
        reshelf("pipeline", "apply", "--index", "leaving", "--opensearch", url)
        settings = real.ok("GET", "/leaving/_settings", flat_settings="true")["leaving"]["settings"]
        assert settings["index.search.default_pipeline"] == "reshelf"
        assert real.search("leaving", body()).ids != real.plain("leaving", body()).ids
    finally:
        real.call("DELETE", "/leaving")
