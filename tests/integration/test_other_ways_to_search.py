"""`_msearch`, templates, aliases, patterns, several indices, inline and verbose pipelines."""

import json
from typing import Any

import pytest

from tests.fixtures.answers import reversing
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import comparable
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import pipeline

pytestmark = pytest.mark.stack

QUERY: dict[str, Any] = {"match": {"title": "running shoe"}}


@pytest.fixture(autouse=True)
def _reversing(fake: FakeSidecar, cluster: Cluster) -> None:
    """After `cluster` has reset it: each test sees by the order whether the sidecar was asked."""
    fake.behaviour = reversing


def reversed_window(search: SearchClient, index: str, window: int = 100) -> list[tuple[str, str]]:
    return search.plain(index, {"query": QUERY, "size": window}).places[::-1]


@pytest.mark.parametrize(
    "index",
    [
        "shelf",
        "storefront",
        "red-things",
        "shelf,shelf-more",
        "shelf-m*",
        "everything",
        "storefront,shelf-more",
        "shelf*,-shelf-o*",
        # One that has no default pipeline has no say.
        "shelf,shelf-plain",
    ],
)
def test_names_whose_indices_share_the_default_pipeline(
    index: str, search: SearchClient, fake: FakeSidecar
) -> None:
    answer = search.search(index, {"query": QUERY, "size": 15})
    assert answer.places == reversed_window(search, index)[:15]
    assert fake.calls == 1


@pytest.mark.parametrize("index", ["shelf,shelf-other", "shelf*"])
def test_names_whose_indices_differ_have_no_default_pipeline(
    index: str, search: SearchClient, fake: FakeSidecar
) -> None:
    """OpenSearch's own rule. Who wants one there names it."""
    body = {"query": QUERY, "size": 15}
    assert comparable(search.search(index, body)) == comparable(search.plain(index, body))
    assert fake.calls == 0
    named = search.search(index, body, search_pipeline="reshelf")
    assert named.places == reversed_window(search, index)[:15]


def test_the_same_id_in_two_indices(search: SearchClient, fake: FakeSidecar) -> None:
    """Hits are told apart by their place in the first stage's order, never by their id alone."""
    index, body = "shelf,shelf-more", {"query": {"match": {"title": "trail"}}, "size": 100}
    order = search.plain(index, body).places[::-1]
    ids = [place[1] for place in order]
    assert len(set(ids)) < len(ids)
    assert search.search(index, body).places == order


def test_an_index_that_is_missing(search: SearchClient) -> None:
    for params in ({}, {"ignore_unavailable": "true"}, {"allow_partial_search_results": "false"}):
        plain = search.plain("shelf,no-such-index", {"query": QUERY}, **params)
        through = search.search("shelf,no-such-index", {"query": QUERY}, **params)
        assert through.status == plain.status


def test_multi_search(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": QUERY, "size": 5}
    responses = search.multi_search(
        [
            {"index": "shelf"}, body,
            {"index": "shelf-plain"}, body,
            {"index": "storefront"}, {**body, "from": 5},
            {"index": "shelf"}, {"query": {"match": {"title": "zeppelin"}}},
            {"index": "no-such-index"}, body,
            {"index": "shelf"}, {"query": {"match": {"title": {"query": "shoe", "analyzer": "no_such"}}}},
        ]
    )  # fmt: skip
    order = [place[1] for place in reversed_window(search, "shelf")]

    def ids(response: dict[str, Any]) -> list[str]:
        return [hit["_id"] for hit in response["hits"]["hits"]]

    assert ids(responses[0]) == order[:5]
    assert ids(responses[1]) == search.plain("shelf-plain", body).ids
    assert ids(responses[2]) == order[5:10]
    assert responses[3]["hits"]["hits"] == []
    assert responses[4]["status"] == 404
    assert responses[5]["status"] == 400
    # Where nothing is found the sidecar is asked as well.
    assert fake.calls == 3


def test_a_multi_search_may_name_the_pipeline_in_the_body(search: SearchClient, fake: FakeSidecar) -> None:
    lines = [{"index": "shelf-plain"}, {"query": QUERY, "size": 5, "search_pipeline": "reshelf"}]
    (response,) = search.multi_search(lines)
    order = [place[1] for place in reversed_window(search, "shelf-plain")]
    assert [hit["_id"] for hit in response["hits"]["hits"]] == order[:5]


def test_templates(search: SearchClient, fake: FakeSidecar) -> None:
    source = {"query": {"match": {"title": "{{words}}"}}, "from": "{{from}}", "size": 5}
    parameters = {"words": "running shoe", "from": 5}
    order = reversed_window(search, "shelf")
    inline = search.call("POST", "/shelf/_search/template", {"source": source, "params": parameters})
    assert inline.places == order[5:10]
    assert fake.last.query.text == "running shoe"
    search.ok("PUT", "/_scripts/shoes", {"script": {"lang": "mustache", "source": source}})
    try:
        stored = search.call("POST", "/shelf/_search/template", {"id": "shoes", "params": parameters})
        assert stored.places == order[5:10]
        lines = [{"index": "shelf"}, {"id": "shoes", "params": parameters}]
        content = "".join(json.dumps(line) + "\n" for line in lines).encode()
        several = search.ok("POST", "/_msearch/template", content=content)
        hits = several["responses"][0]["hits"]["hits"]
        assert [hit["_id"] for hit in hits] == [place[1] for place in order[5:10]]
    finally:
        search.ok("DELETE", "/_scripts/shoes")


def test_an_inline_pipeline(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": QUERY, "size": 7, "search_pipeline": pipeline(window=7)}
    assert search.search("shelf-plain", body).places == reversed_window(search, "shelf-plain", 7)


def test_together_with_stock_processors(search: SearchClient, fake: FakeSidecar) -> None:
    """What runs before sees the client's request, what runs after sees the page."""
    body = {
        "query": QUERY,
        "size": 5,
        "search_pipeline": {
            "request_processors": [
                {"filter_query": {"query": {"term": {"color": "red"}}}},
                *pipeline()["request_processors"],
            ],
            "response_processors": [
                *pipeline()["response_processors"],
                {"rename_field": {"field": "title", "target_field": "name"}},
                {"truncate_hits": {"target_size": 4}},
            ],
        },
    }
    answer = search.search("shelf", body)
    red = {"bool": {"must": [QUERY], "filter": [{"term": {"color": "red"}}]}}
    order = search.plain("shelf", {"query": red, "size": 100}).places[::-1]
    assert answer.places == order[:4]
    assert all("name" in hit["_source"] and "title" not in hit["_source"] for hit in answer.hits)


def test_verbose_pipeline(search: SearchClient, fake: FakeSidecar) -> None:
    answer = search.search("shelf", {"query": QUERY, "size": 5}, verbose_pipeline="true")
    assert answer.places == reversed_window(search, "shelf")[:5]
    results = answer.body["processor_results"]
    assert [result["processor_name"] for result in results] == ["reshelf_window", "reshelf"]
    assert all(result["status"] == "success" for result in results)


def test_explain_api_count_and_validate_are_not_concerned(search: SearchClient, fake: FakeSidecar) -> None:
    assert search.ok("POST", "/shelf/_count", {"query": QUERY})["count"] == 300
    assert search.ok("POST", "/shelf/_explain/p1", {"query": QUERY})["matched"]
    assert search.ok("POST", "/shelf/_validate/query", {"query": QUERY})["valid"]
    assert fake.calls == 0


def test_reindex_and_update_by_query_are_not_concerned(search: SearchClient, fake: FakeSidecar) -> None:
    """They search too, by scroll: every document once, whatever the sidecar says."""
    try:
        done = search.ok(
            "POST",
            "/_reindex",
            {"source": {"index": "shelf-more", "query": QUERY}, "dest": {"index": "copy"}},
        )
        assert done["total"] == done["created"] == 60
        assert fake.calls == 0
    finally:
        search.call("DELETE", "/copy")


def test_rank_eval_sees_the_new_order(search: SearchClient, fake: FakeSidecar) -> None:
    order = reversed_window(search, "shelf")
    body = {
        "requests": [
            {
                "id": "shoes",
                "request": {"query": QUERY},
                "ratings": [{"_index": "shelf", "_id": order[0][1], "rating": 1}],
            }
        ],
        "metric": {"mean_reciprocal_rank": {"relevant_rating_threshold": 1}},
    }
    assert search.ok("POST", "/shelf/_rank_eval", body)["metric_score"] == 1.0


def test_delete_and_recreate_of_the_pipeline_between_pages(search: SearchClient, fake: FakeSidecar) -> None:
    search.ok("PUT", "/_search/pipeline/passing", pipeline())
    first = search.search("shelf", {"query": QUERY}, search_pipeline="passing").places
    search.ok("PUT", "/_search/pipeline/passing", pipeline(window=50))
    second = search.search("shelf", {"query": QUERY, "from": 10}, search_pipeline="passing").places
    assert len(first) == len(second) == 10
    # Another window is another query: decided anew.
    assert second == reversed_window(search, "shelf", 50)[10:20]
    search.ok("DELETE", "/_search/pipeline/passing")
