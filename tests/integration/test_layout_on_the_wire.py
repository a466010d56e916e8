"""Rules take hits out of the list and bring documents in: what of that a client sees, on every page."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.answers import laying_out, shuffled
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import assert_same, comparable
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import pipeline

pytestmark = pytest.mark.stack

_nonce = itertools.count()

Pins = Sequence[tuple[str, int]]


@pytest.fixture(autouse=True)
def _time_enough(cluster: Cluster) -> None:
    """Searches that a search needs besides share its deadline: on a busy machine they would be left out."""
    cluster.client.settings(reshelf__deadline="5s")


def query(words: str = "running shoe", below: int = 1000, *filters: dict[str, Any]) -> dict[str, Any]:
    """Unlike any query before: none is remembered."""
    return {
        "bool": {
            "must": [{"match": {"title": words}}],
            "filter": [{"range": {"serial": {"lt": below}}}, *filters],
            "must_not": [{"term": {"serial": -1 - next(_nonce)}}],
        }
    }


def list_of(first_stage: list[str], window: int, removed: Sequence[str], pins: Pins, seed: int) -> list[str]:
    """Every id in the order that a shopper should see; all pins are there."""
    shown = shuffled(seed, [one for one in first_stage[:window] if one not in removed], str)
    pins = [(id_, place) for id_, place in pins if id_ not in first_stage[:window]]
    for id_, place in pins:
        shown.insert(min(place - 1, len(shown)), id_)
    brought = {id_ for id_, _ in pins}
    return shown + [one for one in first_stage[window:] if one not in brought]


def first_stage_of(search: SearchClient, body: dict[str, Any], index: str = "shelf") -> list[str]:
    return search.plain(index, {"query": body, "size": 1000, "_source": False}).ids


def pages_of(search: SearchClient, body: dict[str, Any], sizes: Sequence[int], **params: Any) -> list[str]:
    """All pages put together, with sizes taken in turn, until one is empty."""
    seen: list[str] = []
    start = 0
    for size in itertools.cycle(sizes):
        answer = search.search("shelf", {**body, "from": start, "size": size}, **params)
        assert answer.status == 200
        seen += answer.ids
        start += size
        if not answer.hits:
            return seen
    raise AssertionError("a cycle has no end")


@pytest.mark.parametrize("size", [1, 7, 10, 50, 130])
@pytest.mark.parametrize("window", [20, 100])
def test_pages_hold_the_list_with_everything_once(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster, window: int, size: int
) -> None:
    body = query(below=160)
    order = first_stage_of(search, body)
    removed = [*order[:3], order[15]]
    # Two that the search finds behind the window, and one that it does not: it is no "running shoe".
    pins = [(order[-1], 1), (order[window + 1], 3), (order[window + 30], 18)]
    fake.reset(laying_out(removed, pins, seed=size))
    expected = list_of(order, window, removed, pins, size)
    assert pages_of(search, {"query": body}, [size], search_pipeline=f"window-{window}") == expected
    assert len(set(expected)) == len(expected) == len(order) - len(removed)
    assert fake.calls == 1


@pytest.mark.timeout(240)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    window=st.sampled_from([2, 7, 20, 100]),
    below=st.sampled_from([3, 20, 60, 120]),
    removed=st.lists(st.integers(0, 99), max_size=25, unique=True),
    pins=st.lists(
        st.tuples(st.integers(0, 119), st.integers(1, 30)), max_size=6, unique_by=lambda pin: pin[1]
    ),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=4),
    seed=st.integers(0, 1000),
)
def test_pages_of_any_sizes(
    search: SearchClient,
    fake: FakeSidecar,
    window: int,
    below: int,
    removed: list[int],
    pins: list[tuple[int, int]],
    sizes: list[int],
    seed: int,
) -> None:
    body = query(below=below)
    order = first_stage_of(search, body)
    out = [order[place] for place in removed if place < min(window, len(order))]
    placed: dict[str, int] = {}
    for place, at in sorted(pins, key=lambda pin: pin[1]):
        if window <= place < len(order):
            placed.setdefault(order[place], at)
    fake.reset(laying_out(out, list(placed.items()), seed=seed))
    expected = list_of(order, window, out, list(placed.items()), seed)
    assert pages_of(search, {"query": body}, sizes, search_pipeline=f"window-{window}") == expected
    assert fake.calls <= 1


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


def pins_counted(cluster: Cluster) -> tuple[int, int]:
    nodes = cluster.stats().values()
    return sum(node["pins_fetched"] for node in nodes), sum(node["pins_missing"] for node in nodes)


def test_totals_and_aggregations_stay_as_they_were(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(below=150), "aggs": {"colors": {"terms": {"field": "color"}}}}
    order = first_stage_of(search, body["query"])
    fake.reset(laying_out(order[:5], [(order[-1], 1), (order[-2], 2), ("p299", 3)]))
    plain = search.plain("shelf", body)
    for start, size in ((0, 10), (10, 10), (15, 30), (60, 20), (140, 20), (900, 10)):
        answer = search.search("shelf", {**body, "from": start, "size": size}, search_pipeline="window-20")
        assert answer.body["hits"]["total"] == plain.body["hits"]["total"]
        assert answer.body["aggregations"] == plain.body["aggregations"]


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


def test_a_point_in_time(search: SearchClient, fake: FakeSidecar) -> None:
    body = query(below=100)
    order = first_stage_of(search, body)
    fake.reset(laying_out(order[:2], [(order[90], 1)]))
    pit = search.call("POST", "/shelf/_search/point_in_time", keep_alive="1m").body["pit_id"]
    try:
        seen: list[str] = []
        for start in range(0, 100, 30):
            asked = {"query": body, "pit": {"id": pit}, "from": start, "size": 30}
            seen += search.call("POST", "/_search", asked, search_pipeline="window-20").ids
        assert seen == list_of(order, 20, order[:2], [(order[90], 1)], 0)
    finally:
        search.ok("DELETE", "/_search/point_in_time", {"pit_id": [pit]})


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


def test_everything_is_taken_out(search: SearchClient, fake: FakeSidecar) -> None:
    body = query(below=60)
    order = first_stage_of(search, body)
    fake.reset(laying_out(order[:20]))
    assert pages_of(search, {"query": body}, [10], search_pipeline="window-20") == order[20:]
    fake.reset(laying_out(order))
    answer = search.search("shelf", {"query": body})
    assert answer.ids == []
    assert answer.body["hits"]["total"]["value"] == len(order)


def test_a_document_that_goes_between_pages(search: SearchClient, fake: FakeSidecar) -> None:
    """The hits below it move up, on its page and on those behind it, and none is seen twice."""
    body = {
        "bool": {
            "must": [{"match": {"title": "trail"}}],
            "must_not": [{"term": {"serial": -1 - next(_nonce)}}],
        }
    }
    search.ok("PUT", "/shelf-more/_doc/fresh", {"title": "boot", "serial": 900}, refresh="true")
    try:
        order = search.plain("shelf-more", {"query": body, "size": 100}).ids
        fake.reset(laying_out([], [("fresh", 7)]))
        seen = search.search("shelf-more", {"query": body, "size": 5}).ids
    finally:
        search.ok("DELETE", "/shelf-more/_doc/fresh", refresh="true")
    for start in range(5, 30, 5):
        seen += search.search("shelf-more", {"query": body, "from": start, "size": 5}).ids
    assert seen == shuffled(0, order, str)
    assert fake.calls == 1


def test_pages_are_told_to_those_that_ask(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(below=95), "ext": {"reshelf": {"layout": True}}}
    order = first_stage_of(search, body["query"])
    fake.reset(laying_out(order[:5], page={"sections": [{"name": "hero"}]}))

    def told(start: int, size: int) -> Any:
        answer = search.search("shelf", {**body, "from": start, "size": size}, search_pipeline="window-20")
        return answer.report["layout"]

    first = told(0, 10)
    assert first["sections"] == [{"name": "hero"}]
    assert first["pages"] == {
        "from": 0,
        "size": 10,
        "total": {"value": 95, "relation": "eq"},
        "next": {"rel": "next", "from": 10, "size": 10},
    }
    assert "item_list" not in first
    assert "missing" not in first
    assert told(5, 10)["pages"]["previous"] == {"rel": "prev", "from": 0, "size": 5}
    # Five hits are hidden: the last page ends with the ninetieth.
    behind = told(80, 10)
    assert behind["pages"]["previous"] == {"rel": "prev", "from": 70, "size": 10}
    assert "next" not in behind["pages"]
    assert fake.last.layout.metadata
    assert not fake.last.layout.structured_data


def test_structured_data_has_the_final_places(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(below=60), "ext": {"reshelf": {"structured_data": True}}, "size": 30}
    order = first_stage_of(search, body["query"])
    fake.reset(laying_out(order[:1], [(order[40], 2)], described=True))
    answer = search.search("shelf", body, search_pipeline="window-20")
    listed = answer.report["layout"]["item_list"]
    assert (listed["@context"], listed["@type"]) == ("https://schema.org", "ItemList")
    assert listed["numberOfItems"] == 30
    assert [one["position"] for one in listed["itemListElement"]] == list(range(1, 31))
    items = [one["item"] for one in listed["itemListElement"]]
    assert [item["productID"] for item in items] == answer.ids
    # Those of the window are described; the one that was brought in and those behind are only named.
    assert ["name" in item for item in items] == [True, False, *[True] * 18, *[False] * 10]
    assert "pages" not in answer.report["layout"]
    second = search.search("shelf", {**body, "from": 5, "size": 3}, search_pipeline="window-20")
    listed = second.report["layout"]["item_list"]["itemListElement"]
    assert [one["position"] for one in listed] == [6, 7, 8]
    assert [one["item"]["productID"] for one in listed] == second.ids == answer.ids[5:8]


def test_what_is_said_badly_costs_only_itself(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(), "ext": {"reshelf": {"layout": True, "structured_data": True}}}
    good = laying_out(described=True, page={"a": 1})

    async def bad(request: Any, context: Any) -> Any:
        answer = await good(request, context)
        answer.layout.page = "[1, 2"
        del answer.layout.items[1:]
        return answer

    fake.reset(bad)
    report = search.search("shelf", body).report
    assert report["reranked"]
    assert set(report["layout"]) == {"pages", "item_list"}
    assert report["layout"]["item_list"]["numberOfItems"] == 10


def test_explained(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(below=60), "ext": {"reshelf": {"explain": True}}, "size": 4}
    order = first_stage_of(search, body["query"])
    fake.reset(laying_out(order[:1], [(order[40], 2)]))
    answer = search.search("shelf", body, search_pipeline="window-20")
    told = answer.report["hits"]
    assert [hit["id"] for hit in told] == answer.ids
    acted = [{"rule": "boost-shoes", "action": "boost", "outcome": "acted"}]
    assert told[0]["rules"] == acted
    assert told[1]["rules"] == [{"rule": f"bring-{order[40]}", "outcome": "fetched"}]
    assert "pages" in answer.report["layout"]


def test_who_does_not_ask_is_told_nothing(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(laying_out(page={"sections": []}, described=True))
    assert "ext" not in search.search("shelf", {"query": query()}).body
    report = search.search("shelf", {"query": query(), "ext": {"reshelf": {}}}).report
    assert "layout" not in report
    wish = fake.last.layout
    assert (wish.removes, wish.fetches) == (True, True)
    assert not (wish.metadata or wish.structured_data or wish.sponsored)


def test_who_labels_paid_places_says_so(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(laying_out(page={"slots": [{"kind": "sponsored"}]}))
    answer = search.search("shelf", {"query": query(), "ext": {"reshelf": {"sponsored": True}}})
    assert fake.last.layout.sponsored
    assert answer.report["layout"]["slots"] == [{"kind": "sponsored"}]


def test_an_order_of_the_clients_own_is_left_alone(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(), "sort": [{"price": "asc"}]}
    fake.reset(laying_out(["p1"], [("p2", 1)]))
    assert_same(search.search("shelf", body), search.plain("shelf", body))
    assert fake.calls == 0


def test_segments_and_experiments(search: SearchClient, fake: FakeSidecar) -> None:
    said = {"segments": ["runner", "vip"], "experiments": {"grid": "b"}}
    search.search("shelf", {"query": query(), "ext": {"reshelf": said}})
    assert list(fake.last.shopper.segments) == ["runner", "vip"]
    assert dict(fake.last.context.experiments) == {"grid": "b"}
    options = {"shopper": {"segments": ["tool"]}, "context": {"experiments": {"grid": "a"}}}
    search.search("shelf", {"query": query(), "search_pipeline": pipeline(reshelf=options)})
    assert list(fake.last.shopper.segments) == ["tool"]
    assert dict(fake.last.context.experiments) == {"grid": "a"}


def test_segments_have_orders_of_their_own(search: SearchClient, fake: FakeSidecar) -> None:
    body = query()
    for segment in ("one", "other"):
        said = {"query": body, "ext": {"reshelf": {"segments": [segment]}}}
        search.search("shelf", said)
        search.search("shelf", {**said, "from": 10})
    assert fake.calls == 2


def test_by_the_front_node(cluster: Cluster, fake: FakeSidecar) -> None:
    """The sections, and the searches that a search needs besides, cross to the node with the data."""
    body = query(below=100)
    order = first_stage_of(cluster.client, body)
    fake.reset(laying_out(order[:3], [(order[80], 2)], page={"a": {"b": [1, None, 2.5]}}))
    said = {"layout": True, "segments": ["vip"], "experiments": {"e": "a"}, "structured_data": True}
    asked = {"query": body, "ext": {"reshelf": said}}
    answer = cluster.front.search("shelf", asked, search_pipeline="window-20")
    assert answer.report["reranked"]
    assert answer.ids == list_of(order, 20, order[:3], [(order[80], 2)], 0)[:10]
    assert answer.report["layout"]["a"] == {"b": [1, None, 2.5]}
    assert list(fake.last.shopper.segments) == ["vip"]


def test_a_page_is_filled_up_once_only(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    """A first page may need hits that nobody fetched; those after it know how many to fetch."""
    body = query(below=100)
    order = first_stage_of(search, body)
    fake.reset(laying_out(order[:5]))

    def filled() -> int:
        return sum(node["pages_filled"] for node in cluster.stats().values())

    before = filled()
    first = search.search("shelf", {"query": body, "size": 18}, search_pipeline="window-20")
    assert filled() == before + 1
    second = search.search("shelf", {"query": body, "from": 10, "size": 30}, search_pipeline="window-20")
    assert filled() == before + 1
    expected = list_of(order, 20, order[:5], [], 0)
    assert (first.ids, second.ids) == (expected[:18], expected[10:40])
    plain = comparable(search.plain("shelf", {"query": body, "size": 100}))["hits"]["hits"]
    by_id = {hit["_id"]: hit for hit in plain}
    assert first.hits == [by_id[one] for one in first.ids]
