"""Rules take hits out of the list and bring documents in: all pages together are the list."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.answers import laying_out, shuffled
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import assert_same, comparable
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.laid_out_list import (
    first_stage_of,
    list_of,
    pages_of,
    query,
    unlike_any_before,
)
from tests.fixtures.search_client import SearchClient

pytestmark = pytest.mark.stack


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


def test_totals_and_aggregations_stay_as_they_were(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(below=150), "aggs": {"colors": {"terms": {"field": "color"}}}}
    order = first_stage_of(search, body["query"])
    fake.reset(laying_out(order[:5], [(order[-1], 1), (order[-2], 2), ("p299", 3)]))
    plain = search.plain("shelf", body)
    for start, size in ((0, 10), (10, 10), (15, 30), (60, 20), (140, 20), (900, 10)):
        answer = search.search("shelf", {**body, "from": start, "size": size}, search_pipeline="window-20")
        assert answer.body["hits"]["total"] == plain.body["hits"]["total"]
        assert answer.body["aggregations"] == plain.body["aggregations"]


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
            "must_not": [unlike_any_before()],
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


def test_an_order_of_the_clients_own_is_left_alone(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(), "sort": [{"price": "asc"}]}
    fake.reset(laying_out(["p1"], [("p2", 1)]))
    assert_same(search.search("shelf", body), search.plain("shelf", body))
    assert fake.calls == 0


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
