"""Rules bring documents in that a search did not find: which come, and what they look like."""

import time
from typing import Any

import grpc
import pytest

from tests.fixtures.answers import checking, dying, failing, keeping, laying_out, sleeping
from tests.fixtures.cluster import Cluster
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.laid_out_list import (
    first_stage_of,
    list_of,
    pages_of,
    pins_counted,
    query,
)
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import FIELDS

pytestmark = pytest.mark.stack


def test_a_document_that_the_words_do_not_find(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    body = query("trail", 150)
    order = first_stage_of(search, body)
    assert "p1" not in order
    fake.reset(laying_out([], [("p1", 2)]))
    before = pins_counted(cluster)
    answer = search.search("shelf", {"query": body})
    assert answer.ids[1] == "p1"
    assert answer.hits[1]["_score"] == 0
    assert answer.hits[1]["_source"] == search.ok("GET", "/shelf/_doc/p1")["_source"]
    assert answer.body["hits"]["total"]["value"] == len(order)
    assert (
        answer.body["hits"]["max_score"] == search.plain("shelf", {"query": body}).body["hits"]["max_score"]
    )
    assert pins_counted(cluster) == (before[0] + 1, before[1])
    assert fake.calls == 1
    assert pages_of(search, {"query": body}, [7]) == list_of(order, 100, [], [("p1", 2)], 0)


FILTERS: dict[str, dict[str, Any]] = {
    "filter": {
        "query": {"bool": {"must": [{"match": {"title": "shoe"}}], "filter": [{"term": {"color": "red"}}]}}
    },
    "must beside the words": {
        "query": {"bool": {"must": [{"match": {"title": "shoe"}}, {"term": {"color": "red"}}]}}
    },
    "a match of a keyword": {
        "query": {"bool": {"must": [{"match": {"title": "shoe"}}, {"match": {"color": "red"}}]}}
    },
    "must not": {
        "query": {
            "bool": {
                "must": [{"match": {"title": "shoe"}}],
                "must_not": [{"terms": {"color": ["blue", "green", "black", "white"]}}],
            }
        }
    },
    "post filter": {"query": {"match": {"title": "shoe"}}, "post_filter": {"term": {"color": "red"}}},
    "function score": {
        "query": {
            "function_score": {
                "query": {
                    "bool": {"must": [{"match": {"title": "shoe"}}], "filter": [{"term": {"color": "red"}}]}
                },
                "field_value_factor": {"field": "rating"},
            }
        }
    },
}


@pytest.mark.parametrize("body", FILTERS.values(), ids=FILTERS.keys())
def test_documents_come_under_the_requests_own_filters(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster, body: dict[str, Any]
) -> None:
    colors = {hit["_id"]: hit["_source"]["color"] for hit in search.plain("shelf", {"size": 1000}).hits}
    order = search.plain("shelf", {**body, "size": 1000}).ids
    red = next(one for one in colors if colors[one] == "red" and one not in order[:20])
    blue = next(one for one in colors if colors[one] == "blue")
    fake.reset(laying_out([], [(blue, 1), (red, 2)]))
    before = pins_counted(cluster)
    asked = {**body, "ext": {"reshelf": {"layout": True}}}
    answer = search.search("shelf", asked, search_pipeline="window-20")
    assert answer.ids[1] == red
    assert blue not in answer.ids
    assert answer.report["layout"]["missing"] == [blue]
    assert pins_counted(cluster) == (before[0] + 1, before[1] + 1)


def test_an_aliass_filter_counts_as_well(search: SearchClient, fake: FakeSidecar) -> None:
    colors = {hit["_id"]: hit["_source"]["color"] for hit in search.plain("shelf", {"size": 1000}).hits}
    blue = next(one for one in colors if colors[one] == "blue")
    fake.reset(laying_out([], [(blue, 1)]))
    assert blue not in search.search("red-things", {"query": query()}, search_pipeline="window-2").ids


LOOKS: dict[str, dict[str, Any]] = {
    "everything": {},
    "no source": {"_source": False},
    "a field of the source": {"_source": ["price"]},
    "without a field": {"_source": {"excludes": ["title", "tags"]}},
    "doc values and fields": {
        "docvalue_fields": ["color", {"field": "released", "format": "yyyy"}],
        "fields": ["brand"],
    },
    "stored fields": {"stored_fields": ["stored_name"]},
    "a script's field": {"script_fields": {"twice": {"script": "doc['price'].value * 2"}}},
    "highlights": {"highlight": {"fields": {"title": {}, "description": {}}}},
    "versions": {"version": True, "seq_no_primary_term": True},
    "sorted by score": {"sort": ["_score"]},
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_a_document_looks_like_the_other_hits(
    search: SearchClient, fake: FakeSidecar, look: dict[str, Any]
) -> None:
    """As the same search shows it where it finds it by itself."""
    body = {"query": query(below=100), **look}
    own = search.plain("shelf", {**body, "size": 100})
    hit = own.hits[60]
    fake.reset(laying_out([], [(hit["_id"], 1)]))
    answer = search.search("shelf", body, search_pipeline="window-20")
    assert answer.hits[0] == hit
    further = search.search("shelf", {**body, "size": 50}, search_pipeline="window-20")
    by_id = {one["_id"]: one for one in own.hits}
    assert further.hits == [by_id[one] for one in further.ids]


def test_a_documents_score_is_explained(search: SearchClient, fake: FakeSidecar) -> None:
    """In other words than the search's own, since it is asked for by id as well; with the same score."""
    body = {"query": query(below=100), "explain": True}
    hit = search.plain("shelf", {**body, "size": 100}).hits[60]
    fake.reset(laying_out([], [(hit["_id"], 1)]))
    answered = search.search("shelf", body, search_pipeline="window-20").hits[0]
    assert answered["_explanation"]["value"] == hit["_explanation"]["value"] == hit["_score"]


def test_inner_hits_of_a_document(search: SearchClient, fake: FakeSidecar) -> None:
    """Their name is in the filter and in the query itself; a search may have it once."""
    nested = {
        "nested": {"path": "variants", "query": {"term": {"variants.size": 38}}, "inner_hits": {"name": "v"}}
    }
    body = {"query": query("shoe", 100, nested)}
    hit = search.plain("shelf", {**body, "size": 90}).hits[50]
    assert hit["inner_hits"]["v"]["hits"]["hits"]
    fake.reset(laying_out([], [(hit["_id"], 1)]))
    assert search.search("shelf", body, search_pipeline="window-20").hits[0] == hit


def test_names_of_queries_on_a_document(search: SearchClient, fake: FakeSidecar) -> None:
    words = {"match": {"title": {"query": "shoe", "_name": "words"}}}
    body = {"query": {"bool": {"must": [words], "filter": [{"range": {"serial": {"lt": 90}}}]}}}
    hit = search.plain("shelf", {**body, "size": 90}).hits[80]
    assert hit["matched_queries"] == ["words"]
    fake.reset(laying_out([], [(hit["_id"], 1)]))
    assert search.search("shelf", body, search_pipeline="window-20").hits[0] == hit


def test_collapsed(search: SearchClient, fake: FakeSidecar) -> None:
    """A document that is brought in stands for itself, whatever group it is of."""
    body = {"query": query(below=100), "collapse": {"field": "brand.keyword"}}
    plain = search.plain("shelf", body)
    brought = next(one for one in first_stage_of(search, body["query"])[::-1] if one not in plain.ids)
    fake.reset(laying_out([plain.ids[0]], [(brought, 1)]))
    answer = search.search("shelf", body)
    assert answer.ids[0] == brought
    assert set(answer.ids[1:]) == set(plain.ids[1:])
    assert answer.hits[0]["fields"]["brand.keyword"] == [answer.hits[0]["_source"]["brand"]]


def test_the_same_id_in_two_indices(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query("trail", 60), "size": 5}
    order = search.plain("shelf,shelf-more", {**body, "size": 100}).places
    index, id_ = next(place for place in order[7:] if place[0] == "shelf-more")
    for known in ("shelf-more", "shelf"):
        if (known, id_) in order[:7]:
            continue
        fake.reset(laying_out([], [(id_, 1)], index=known))
        # As long as the other index's document of the same id is no candidate: ids alone are not unique.
        answer = search.search("shelf,shelf-more", body, search_pipeline="window-7")
        if ("shelf" if known == "shelf-more" else "shelf-more", id_) not in order[:7]:
            assert answer.places[0] == (known, id_)
    assert index == "shelf-more"


def test_documents_that_rules_hide_by_what_they_say(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    """The sidecar reads them first, as it reads candidates; the client sees of them what it asked for."""
    body = query("trail", 150)
    order = first_stage_of(search, body)
    there, hidden, deep = [one for one in (f"p{number}" for number in range(150)) if one not in order][:3]
    pins = [(there, 1), (hidden, 2), (deep, 120)]
    fake.reset(checking([hidden], laying_out([], pins)))
    before = pins_counted(cluster)
    said = {"query": body, "_source": ["price"], "ext": {"reshelf": {"layout": True}}}
    answer = search.search("shelf", said)
    assert answer.ids[0] == there
    assert hidden not in answer.ids
    assert answer.hits[0]["_source"].keys() == {"price"}
    assert answer.report["layout"]["missing"] == [hidden]
    assert pins_counted(cluster) == (before[0] + 2, before[1] + 1)
    first, second = fake.requests
    assert first.layout.checks
    assert {one.id for one in second.candidates} == {there, hidden, deep}
    assert all(set(one.fields) == set(FIELDS) for one in second.candidates)
    assert pages_of(search, said, [7]) == list_of(order, 100, [], [(there, 1), (deep, 120)], 0)
    assert sum(bool(one.layout.check) for one in fake.requests) == 2, "further pages keep what was decided"


UNANSWERED = {
    "it dies": lambda fake: dying(fake.stop),
    "it is late": lambda fake: sleeping(30, keeping),
    "it refuses": lambda fake: failing(grpc.StatusCode.INVALID_ARGUMENT),
    "it is one from before": lambda fake: keeping,
}


@pytest.mark.parametrize("instead", UNANSWERED.values(), ids=UNANSWERED.keys())
def test_documents_that_nobody_has_checked_are_left_out(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster, instead: Any
) -> None:
    body = query("trail", 150)
    order = first_stage_of(search, body)
    fake.reset(checking([], laying_out([order[0]], [("p1", 1)]), instead(fake)))
    before = pins_counted(cluster)
    begin = time.monotonic()
    answer = search.search("shelf", {"query": body, "ext": {"reshelf": {"layout": True}}})
    assert time.monotonic() - begin < 20, "the deadline is 5 s"
    assert answer.ids == list_of(order, 100, [order[0]], [], 0)[:10]
    assert answer.report["reranked"]
    assert answer.report["layout"]["missing"] == ["p1"]
    assert pins_counted(cluster) == (before[0], before[1] + 1)
