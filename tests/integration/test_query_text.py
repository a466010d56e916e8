"""What the sidecar is told that the shopper typed, for every way in which clients ask."""

from typing import Any

import pytest

from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient

pytestmark = pytest.mark.stack

FIELDS = ["title^3", "brand"]
SHOE: dict[str, Any] = {"match": {"title": "running shoe"}}

QUERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "match": ("running shoe", SHOE),
    "match with options": (
        "running shoe",
        {"match": {"title": {"query": "running shoe", "operator": "and"}}},
    ),
    "match with a number": ("42", {"match": {"description": 42}}),
    "multi_match": ("running shoe", {"multi_match": {"query": "running shoe", "fields": FIELDS}}),
    "cross_fields": (
        "red shoe",
        {"multi_match": {"query": "red shoe", "fields": FIELDS, "type": "cross_fields", "operator": "or"}},
    ),
    "match_phrase": ("running shoe", {"match_phrase": {"title": "running shoe"}}),
    "match_phrase_prefix": ("running sh", {"match_phrase_prefix": {"title": "running sh"}}),
    "match_bool_prefix": ("running sh", {"match_bool_prefix": {"title": "running sh"}}),
    "combined_fields": ("running shoe", {"combined_fields": {"query": "running shoe", "fields": ["title"]}}),
    "query_string": (
        "running shoe",
        {"query_string": {"query": "title:running AND shoe^2 -green", "fields": ["title"]}},
    ),
    "simple_query_string": (
        "running shoe",
        {"simple_query_string": {"query": "running +shoe -green", "fields": ["title"]}},
    ),
    "dis_max": (
        "running shoe",
        {
            "dis_max": {
                "queries": [SHOE, {"match_phrase": {"title": "running shoe"}}, {"match": {"brand": "shoe"}}]
            }
        },
    ),
    "bool must": ("running shoe", {"bool": {"must": [SHOE], "filter": [{"term": {"in_stock": True}}]}}),
    "bool should": (
        "running shoe",
        {"bool": {"should": [SHOE, {"match_phrase": {"title": "running shoe"}}]}},
    ),
    "bool in bool": (
        "running shoe",
        {"bool": {"must": [{"bool": {"should": [SHOE], "minimum_should_match": 1}}]}},
    ),
    "excluded words": (
        "running shoe",
        {"bool": {"must": [SHOE], "must_not": [{"match": {"title": "green"}}]}},
    ),
    "boosting": (
        "running shoe",
        {"boosting": {"positive": SHOE, "negative": {"match": {"title": "green"}}, "negative_boost": 0.5}},
    ),
    "function_score": (
        "running shoe",
        {
            "function_score": {
                "query": SHOE,
                "functions": [{"filter": {"match": {"title": "red"}}, "weight": 2}],
            }
        },
    ),
    "script_score": ("running shoe", {"script_score": {"query": SHOE, "script": {"source": "_score"}}}),
    "constant_score": ("running shoe", {"constant_score": {"filter": SHOE}}),
    "nested": (
        "red size",
        {"nested": {"path": "variants", "query": {"match": {"variants.name": "red size"}}}},
    ),
    "deep": (
        "running shoe",
        {
            "function_score": {
                "query": {"bool": {"must": [{"dis_max": {"queries": [{"bool": {"should": [SHOE]}}]}}]}},
                "functions": [{"weight": 1}],
            }
        },
    ),
    "chinese": (
        "跑步鞋 zapató",
        {"bool": {"should": [{"match": {"description": "跑步鞋 zapató"}}], "must": []}},
    ),
    "emoji": ("running 👟 shoe", {"match": {"title": "running 👟 shoe"}}),
}


@pytest.mark.parametrize(("text", "query"), QUERIES.values(), ids=QUERIES.keys())
def test_found_in_the_query(
    text: str, query: dict[str, Any], search: SearchClient, fake: FakeSidecar
) -> None:
    answer = search.search("shelf", {"query": query})
    assert answer.hits
    assert fake.last.query.text == text


def test_the_q_parameter(search: SearchClient, fake: FakeSidecar) -> None:
    search.call("GET", "/shelf/_search", q="title:running AND shoe")
    assert fake.last.query.text == "running shoe"


def test_the_client_may_say_it(search: SearchClient, fake: FakeSidecar) -> None:
    """Where the query was rewritten (synonyms, a vector, a term), the client knows better."""
    body = {"query": {"term": {"color": "red"}}, "ext": {"reshelf": {"query": "  Red Shoes "}}}
    assert search.search("shelf", body).report["reranked"]
    assert fake.last.query.text == "Red Shoes"
    search.search("shelf", {"query": SHOE, "ext": {"reshelf": {"query": "sneaker"}}})
    assert fake.last.query.text == "sneaker"


def test_behavior_insights_may_say_it(search: SearchClient, fake: FakeSidecar) -> None:
    ubi = {"user_query": "red shoes", "query_id": "ubi-1"}
    search.search("shelf", {"query": {"term": {"color": "red"}}, "ext": {"ubi": ubi}})
    assert (fake.last.query.text, fake.last.query.id) == ("red shoes", "ubi-1")


def test_a_very_long_query_is_cut(search: SearchClient, fake: FakeSidecar) -> None:
    words = "running shoe " + "é" * 5000
    answer = search.search("shelf", {"query": {"match": {"title": words}}})
    assert answer.status == 200
    assert fake.last.query.text == words[:2048]


def test_the_index_is_named_as_the_client_named_it(search: SearchClient, fake: FakeSidecar) -> None:
    for index in ("shelf", "storefront", "shelf-m*", "shelf,shelf-more"):
        search.search(index, {"query": SHOE}, search_pipeline="reshelf")
        assert fake.last.query.index == index
