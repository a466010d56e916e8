"""Category pages and searches that find nothing: the sidecar is asked as for any search."""

from typing import Any

import pytest

from tests.fixtures.answers import handing_back, laying_out, reversing
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import assert_same
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import DOCUMENTS

pytestmark = pytest.mark.stack

SHOE: dict[str, Any] = {"match": {"title": "running shoe"}}
NOTHING: dict[str, Any] = {"match": {"title": "zeppelin"}}

WITHOUT_WORDS: dict[str, dict[str, Any]] = {
    "no query": {},
    "match_all": {"query": {"match_all": {}}},
    "a category": {"query": {"term": {"category": "Shoes"}}},
    "only filters": {
        "query": {"bool": {"filter": [{"term": {"color": "red"}}, {"range": {"price": {"lt": 90}}}]}}
    },
    "most wanted first": {
        "query": {
            "function_score": {
                "query": {"terms": {"category": ["Shoes", "Bags"]}},
                "field_value_factor": {"field": "rating"},
            }
        }
    },
    "only what is excluded": {"query": {"bool": {"must_not": [{"term": {"color": "red"}}]}}},
    "words that are excluded": {"query": {"bool": {"must_not": [{"match": {"title": "trail"}}]}}},
}


@pytest.mark.parametrize("body", WITHOUT_WORDS.values(), ids=WITHOUT_WORDS.keys())
def test_a_page_without_words_is_the_sidecars_on_all_of_its_pages(
    body: dict[str, Any], search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    order = search.plain("shelf", {**body, "size": DOCUMENTS}).ids
    expected = order[:100][::-1] + order[100:]
    fake.reset(reversing)
    with cluster.counting() as counted:
        seen = [
            one
            for start in range(0, len(order), 40)
            for one in search.search("shelf", {**body, "from": start, "size": 40}).ids
        ]
    assert seen == expected
    assert fake.calls == 1
    assert fake.last.query.text == ""
    assert counted["reranked"] == 1


@pytest.mark.parametrize("body", WITHOUT_WORDS.values(), ids=WITHOUT_WORDS.keys())
def test_where_no_rule_holds_a_page_without_words_stays_and_is_counted_so(
    body: dict[str, Any], search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    fake.reset(handing_back)
    with cluster.counting() as counted:
        assert_same(search.search("shelf", body), search.plain("shelf", body))
    assert counted == {"no_query_text": 1}
    told = search.search("shelf", {**body, "ext": {"reshelf": {}}}).report
    assert (told["reranked"], told["reason"]) == (False, "no_query_text")


def test_an_order_of_the_clients_own_is_left_alone(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": {"term": {"category": "Shoes"}}, "sort": [{"price": "asc"}]}
    fake.reset(reversing)
    assert_same(search.search("shelf", body), search.plain("shelf", body))
    assert fake.calls == 0


def test_the_sidecar_is_told_what_the_search_is_restricted_to(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    filters = [
        {"term": {"brand.keyword": "Aurora"}},
        {"term": {"brand": "aurora"}},  # a word of a text
        {"terms": {"serial": [1, 2.0, 33]}},
        {"term": {"in_stock": True}},
        {"bool": {"should": [{"term": {"color": "red"}}, {"term": {"color": "blue"}}]}},
        {"range": {"price": {"lt": 100}}},
        {"term": {"attributes.material": "leather"}},
    ]
    expected = {
        "brand": ["Aurora"],
        "serial": ["1", "2", "33"],
        "in_stock": ["true"],
        "color": ["red", "blue"],
        "attributes.material": ["leather"],
        "category": ["Shoes"],
    }
    for words in ([], [SHOE]):
        body = {
            "query": {"bool": {"must": words, "filter": filters}},
            "post_filter": {"term": {"category": "Shoes"}},
        }
        for client in (cluster.client, cluster.front):
            # Asked even though hardly anything is found.
            client.search("shelf", body)
            said = {one.field: list(one.values) for one in fake.last.query.filters}
            assert said == expected
    assert fake.calls == 4


def test_where_nothing_is_found_a_document_comes_under_the_searchs_own_filters(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    colors = {hit["_id"]: hit["_source"]["color"] for hit in search.plain("shelf", {"size": DOCUMENTS}).hits}
    red = next(one for one in colors if colors[one] == "red")
    blue = next(one for one in colors if colors[one] == "blue")
    fake.reset(laying_out(fetched=[(blue, 1), (red, 2)], page={"metadata": {"note": "our bestsellers"}}))
    body = {
        "query": {"bool": {"must": [NOTHING], "filter": [{"term": {"color": "red"}}]}},
        "aggs": {"colors": {"terms": {"field": "color"}}},
    }
    plain = search.plain("shelf", body)
    assert plain.ids == []
    for client in (cluster.client, cluster.front):
        answer = client.search("shelf", {**body, "ext": {"reshelf": {"layout": True}}})
        assert answer.ids == [red]
        assert answer.hits[0]["_source"] == search.ok("GET", f"/shelf/_doc/{red}")["_source"]
        # As where hits are found: what is brought in changes no figure.
        assert answer.body["hits"]["total"] == plain.body["hits"]["total"]
        assert answer.body["hits"]["max_score"] is None
        assert answer.body["aggregations"] == plain.body["aggregations"]
        told = answer.report["layout"]
        assert (told["metadata"], told["missing"]) == ({"note": "our bestsellers"}, [blue])
    assert (fake.last.query.text, len(fake.last.candidates)) == ("zeppelin", 0)
    assert search.search("shelf", body).ids == [red]


def test_pages_of_what_is_brought_in(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(laying_out(fetched=[("p1", 1), ("p2", 2), ("p3", 3)]))
    body = {"query": {"bool": {"must": [NOTHING], "must_not": [{"term": {"serial": -77}}]}}, "size": 2}
    pages = [search.search("shelf", {**body, "from": start}).ids for start in (0, 2, 4)]
    assert pages == [["p1", "p2"], ["p3"], []]
    assert fake.calls == 1


def test_where_nothing_is_found_and_no_rule_holds_the_answer_is_opensearchs(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    fake.reset(handing_back)
    body = {"query": NOTHING}
    with cluster.counting() as counted:
        assert_same(search.search("shelf", body), search.plain("shelf", body))
    assert counted == {"no_hits": 1}
    told = search.search("shelf", {**body, "ext": {"reshelf": {}}}).report
    assert (told["reranked"], told["reason"]) == (False, "no_hits")
    assert search.search("shelf", {**body, "size": 0}).status == 200
    assert fake.calls == 2


@pytest.mark.parametrize(
    "query", [NOTHING, {"term": {"category": "Shoes"}}], ids=["nothing found", "no words"]
)
def test_a_dead_sidecar_leaves_opensearchs_own_answer(
    query: dict[str, Any], search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    fake.stop()
    body = {"query": query}
    assert_same(search.search("shelf", body), search.plain("shelf", body))
    told = search.search("shelf", {**body, "ext": {"reshelf": {}}}).report
    assert told["reranked"] is False
    assert told["reason"] not in ("no_hits", "no_query_text")
