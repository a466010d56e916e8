"""A coordinating-only node in front of the data: sections cross the wire, and each node asks for itself."""

from typing import Any

import pytest

from tests.fixtures.answers import fickle, reversing
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import assert_same
from tests.fixtures.fake_sidecar import FakeSidecar

pytestmark = pytest.mark.stack

QUERY: dict[str, Any] = {"match": {"title": "running shoe"}}


def test_the_front_node_reranks(cluster: Cluster, fake: FakeSidecar) -> None:
    fake.reset(reversing)
    order = cluster.client.plain("shelf", {"query": QUERY, "size": 100}).places[::-1]
    before = cluster.stats()
    section = {"client_id": "device-1", "explain": True, "consent": True, "query_id": "q"}
    answer = cluster.front.search("shelf", {"query": QUERY, "ext": {"reshelf": section}})
    assert answer.places == order[:10]
    assert answer.report["query_id"] == "q"
    assert fake.calls == 1
    assert fake.last.shopper.client_id == "device-1"
    after = cluster.stats()
    counts = {name: after[name]["reranked"] - before[name]["reranked"] for name in after}
    assert counts == {"front": 1, "data": 0}


def test_every_section_crosses_the_wire(cluster: Cluster, fake: FakeSidecar) -> None:
    """Sections are written to each shard's request; the data node must be able to read them."""
    body = {
        "query": QUERY,
        "size": 20,
        "ext": {"ubi": {"client_id": "device-1", "query_attributes": {"deep": [{"a": None, "b": 1.5}]}}},
    }
    through = cluster.front.search("shelf,shelf-more", body)
    plain = cluster.front.plain("shelf,shelf-more", {"query": QUERY, "size": 20})
    assert_same(through, plain)
    assert fake.last.shopper.client_id == "device-1"


def test_equal_on_both_nodes(cluster: Cluster, fake: FakeSidecar) -> None:
    fake.reset(reversing)
    body = {
        "query": QUERY,
        "collapse": {"field": "brand.keyword", "inner_hits": {"name": "others", "size": 2}},
        "aggs": {"colors": {"terms": {"field": "color"}}},
        "highlight": {"fields": {"title": {}}},
    }
    front, data = cluster.front.search("shelf", body), cluster.client.search("shelf", body)
    assert_same(front, data)
    assert fake.calls == 2


def test_each_node_remembers_its_own_pages(cluster: Cluster, fake: FakeSidecar) -> None:
    fake.reset(fickle())
    for client in (cluster.front, cluster.client):
        pages = [client.search("shelf", {"query": QUERY, "from": start}).places for start in (0, 10, 20)]
        assert len({place for page in pages for place in page}) == 30
    assert fake.calls == 2


def test_figures_come_from_every_node(cluster: Cluster) -> None:
    assert set(cluster.stats()) == {"data", "front"}


def test_the_section_goes_through_without_a_pipeline(cluster: Cluster) -> None:
    body = {"query": QUERY, "ext": {"reshelf": {"client_id": "x"}, "ubi": {"anything": [1, {"b": 2}]}}}
    assert cluster.front.search("shelf-plain", body).status == 200
