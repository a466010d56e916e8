"""Searches that the plugin leaves alone: answered as without it, the reason counted, nobody asked."""

from typing import Any

import pytest

from tests.fixtures.answers import reversing
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import assert_same, comparable
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient

pytestmark = pytest.mark.stack

SHOE: dict[str, Any] = {"match": {"title": "running shoe"}}
ASKS_LESS = {"search_pipeline": "words-and-hits"}
"""A pipeline that asks nobody without words, nor where nothing is found."""

LEFT_ALONE: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "no query": ("no_query_text", {}, ASKS_LESS),
    "match_all": ("no_query_text", {"query": {"match_all": {}}}, ASKS_LESS),
    "term": ("no_query_text", {"query": {"term": {"color": "red"}}}, ASKS_LESS),
    "blank words": ("no_query_text", {"query": {"match": {"title": "  "}}}, ASKS_LESS),
    "only what is excluded": ("no_query_text", {"query": {"bool": {"must_not": [SHOE]}}}, ASKS_LESS),
    "suggestions alone": (
        "no_query_text",
        {"suggest": {"s": {"text": "runing", "term": {"field": "title"}}}},
        {},
    ),
    "size 0": ("size_zero", {"query": SHOE, "size": 0}, {}),
    "search_after with a sort": (
        "search_after",
        {"query": SHOE, "sort": ["_score", {"serial": "asc"}], "search_after": [0.5, 3]},
        {},
    ),
    "sorted by price": ("explicit_sort", {"query": SHOE, "sort": [{"price": "asc"}]}, {}),
    "sorted by score and price": ("explicit_sort", {"query": SHOE, "sort": ["_score", {"price": "asc"}]}, {}),
    "worst score first": ("explicit_sort", {"query": SHOE, "sort": [{"_score": {"order": "asc"}}]}, {}),
    "sorted in the URL": ("explicit_sort", {"query": SHOE}, {"sort": "serial:desc"}),
    "nothing found": ("no_hits", {"query": {"match": {"title": "zeppelin"}}}, ASKS_LESS),
    "behind the window": ("beyond_window", {"query": SHOE, "from": 100}, {}),
    "a page that starts behind the last hit": ("beyond_window", {"query": SHOE, "from": 5000}, {}),
}


@pytest.mark.parametrize(("reason", "body", "params"), LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_left_alone(
    reason: str,
    body: dict[str, Any],
    params: dict[str, Any],
    search: SearchClient,
    fake: FakeSidecar,
    cluster: Cluster,
) -> None:
    fake.reset(reversing)
    with cluster.counting() as counted:
        through = search.search("shelf", body, **params)
    assert_same(through, search.plain("shelf", body, **params))
    assert fake.calls == 0
    assert counted == {reason: 1}


@pytest.mark.parametrize(("reason", "body", "params"), LEFT_ALONE.values(), ids=LEFT_ALONE.keys())
def test_the_answer_tells_those_who_ask(
    reason: str, body: dict[str, Any], params: dict[str, Any], search: SearchClient
) -> None:
    through = search.search("shelf", {**body, "ext": {"reshelf": {"query_id": "q-7"}}}, **params)
    assert through.report["reranked"] is False
    assert through.report["reason"] == reason
    assert through.report["query_id"] == "q-7"
    rest = comparable(through)
    del rest["ext"]
    assert rest == comparable(search.plain("shelf", body, **params))


def test_scroll(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    fake.reset(reversing)
    body = {"query": SHOE, "size": 120}
    order = search.plain("shelf", {**body, "size": 300}).places
    with cluster.counting() as counted:
        answer = search.search("shelf", body, scroll="1m")
        seen = list(answer.places)
        while answer.hits:
            scroll_id = answer.body["_scroll_id"]
            answer = search.call("POST", "/_search/scroll", {"scroll": "1m", "scroll_id": scroll_id})
            seen += answer.places
    search.ok("DELETE", "/_search/scroll", {"scroll_id": [answer.body["_scroll_id"]]})
    assert seen == order
    assert fake.calls == 0
    # Its further pages take no pipeline at all.
    assert counted == {"scroll": 1}


def test_sliced_point_in_time(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    """Each slice is a part of the hits, which are read in no order that matters."""
    pit = search.ok("POST", "/shelf/_search/point_in_time", keep_alive="1m")["pit_id"]
    try:
        body = {"query": SHOE, "pit": {"id": pit, "keep_alive": "1m"}, "slice": {"id": 0, "max": 2}}
        with cluster.counting() as counted:
            through = search.call("POST", "/_search", body, search_pipeline="reshelf")
        plain = search.call("POST", "/_search", body, search_pipeline="_none")
        assert_same(through, plain)
        assert counted == {"sliced": 1}
        assert fake.calls == 0, fake.last
    finally:
        search.ok("DELETE", "/_search/point_in_time", {"pit_id": [pit]})


def test_index_without_source(search: SearchClient, fake: FakeSidecar) -> None:
    """`_source` is switched off: there is nothing that the sidecar could read. OpenSearch answers as ever."""
    fake.reset(reversing)
    body = {"query": SHOE, "docvalue_fields": ["price"]}
    through = search.search("sourceless", {**body, "ext": {"reshelf": {}}})
    assert through.report["reason"] == "fields_unavailable"
    assert fake.calls == 0
    for variant in (body, {**body, "_source": False}, {**body, "stored_fields": ["stored_name"]}):
        assert_same(search.search("sourceless", variant), search.plain("sourceless", variant))


def test_no_target_configured(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    cluster.aim()
    cluster.forget_pages()
    body = {"query": SHOE}
    with cluster.counting() as counted:
        assert_same(search.search("shelf", body), search.plain("shelf", body))
    assert counted == {"no_target": 1}


def test_a_search_over_no_index_has_no_default_pipeline(search: SearchClient, fake: FakeSidecar) -> None:
    answer = search.call("POST", "/_search", {"query": SHOE, "ext": {"reshelf": {}}})
    assert answer.status == 200
    assert fake.calls == 0
