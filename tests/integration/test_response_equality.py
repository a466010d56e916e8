"""Through the pipeline a response is OpenSearch's own but for the order of the hits."""

import secrets
from typing import Any

import pytest

from tests.fixtures.answers import reversing, sleeping
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import assert_page_of, assert_same
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shapes import SHAPES, Shape

pytestmark = pytest.mark.stack

WINDOW = 100
shapes = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
reordered = pytest.mark.parametrize(
    "shape", [shape for shape in SHAPES if shape.reorders], ids=lambda shape: shape.name
)


def _body(shape: Shape, **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**shape.body, **changes}.items() if value is not None}


@shapes
def test_equals_the_plain_response_when_the_sidecar_keeps_the_order(
    shape: Shape, search: SearchClient
) -> None:
    plain = search.plain(shape.index, _body(shape), **shape.params)
    through = search.search(shape.index, _body(shape), **shape.params)
    if plain.status != 200:
        pytest.fail(f"the shape itself is wrong: {plain.body}")
    assert_same(through, plain)


@reordered
def test_only_the_order_differs_when_the_sidecar_reverses(
    shape: Shape, search: SearchClient, fake: FakeSidecar
) -> None:
    """Every hit takes along what belongs to it: highlights, fields, inner hits, collapse value."""
    fake.reset(reversing)
    start, size = shape.body.get("from", 0), shape.body.get("size", 10)
    plain = search.plain(shape.index, _body(shape), **shape.params)
    everything = search.plain(shape.index, _body(shape, **{"from": 0, "size": 400}), **shape.params)
    through = search.search(shape.index, _body(shape), **shape.params)
    window, behind = everything.places[:WINDOW], everything.places[WINDOW:]
    assert_page_of(through, plain, everything, window[::-1] + behind, slice(start, start + size))


def test_a_point_in_time_keeps_its_id(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(reversing)
    opened = search.ok("POST", "/shelf/_search/point_in_time", keep_alive="1m")["pit_id"]
    try:
        body = {"query": {"match": {"title": "shoe"}}, "pit": {"id": opened, "keep_alive": "1m"}, "size": 20}
        plain = search.call("POST", "/_search", body, search_pipeline="_none")
        through = search.call("POST", "/_search", body, search_pipeline="reshelf")
        everything = search.call("POST", "/_search", {**body, "size": WINDOW}, search_pipeline="_none")
        assert through.body["pit_id"] == plain.body["pit_id"]
        assert_page_of(through, plain, everything, everything.places[::-1], slice(0, 20))
        assert fake.calls == 1
    finally:
        search.ok("DELETE", "/_search/point_in_time", {"pit_id": [opened]})


def test_collapse_with_inner_hits_asks_the_sidecar_once(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    """Each group's own search takes the index's default pipeline as well; none may reach the sidecar."""
    body = {
        "query": {"match": {"title": "shoe"}},
        "collapse": {"field": "brand.keyword", "inner_hits": {"name": "others", "size": 3}},
    }
    with cluster.counting() as counted:
        answer = search.search("shelf", body)
    groups = len(answer.hits)
    assert groups == 4
    assert fake.calls == 1
    assert counted == {"reranked": 1, "sub_search": groups}


def test_collapse_without_the_pipeline_asks_nobody(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    """`_none` covers the main search alone: its groups' searches come with the default pipeline."""
    body = {
        "query": {"match": {"title": "shoe"}},
        "collapse": {"field": "brand.keyword", "inner_hits": {"name": "others", "size": 3}},
    }
    with cluster.counting() as counted:
        search.plain("shelf", body)
    assert fake.calls == 0
    assert counted == {"sub_search": 4}


def test_scores_stay_those_of_the_first_stage(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(reversing)
    body = {"query": {"match": {"title": "running shoe"}}, "size": 100}
    plain, through = search.plain("shelf", body), search.search("shelf", body)
    scores = {place: hit["_score"] for place, hit in zip(plain.places, plain.hits, strict=True)}
    assert [hit["_score"] for hit in through.hits] == [scores[place] for place in through.places]
    assert through.body["hits"]["max_score"] == max(scores.values())


def test_an_opaque_id_comes_back(search: SearchClient) -> None:
    answer = search.search("shelf", {"query": {"match": {"title": "shoe"}}}, headers={"X-Opaque-Id": "42"})
    assert answer.headers["x-opaque-id"] == "42"


def test_warnings_come_back(search: SearchClient, fake: FakeSidecar) -> None:
    """OpenSearch warns each client once, so each request here is another client's."""
    body = {"query": {"match": {"title": "shoe"}}, "indices_boost": {"shelf": 1.5}}
    plain = search.plain("shelf", body, headers={"X-Opaque-Id": secrets.token_hex(8)})
    through = search.search("shelf", body, headers={"X-Opaque-Id": secrets.token_hex(8)})
    assert fake.calls == 1
    assert "indices_boost" in plain.headers["warning"]
    assert through.headers["warning"] == plain.headers["warning"]


def test_took_covers_the_sidecar(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    fake.reset(sleeping(0.12))
    answer = search.search("shelf", {"query": {"match": {"title": "shoe"}}})
    assert fake.calls == 1
    assert 120 <= answer.body["took"] <= answer.seconds * 1000 + 1
