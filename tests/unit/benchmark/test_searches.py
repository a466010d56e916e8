"""The stored searches: what is sent is what a sidecar reads, and it comes back as an outcome."""

import grpc
import pytest

from sidecar.benchmark.load.grpc_client import SidecarClient
from sidecar.benchmark.load.searches import StoredSearches
from sidecar.config.profile import load_profiles
from sidecar.config.sidecar import Limits
from sidecar.server.columns import candidates_of
from sidecar.stack.paths import project_root
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire
from tests.fixtures.answers import failing, ranked, reversing, sleeping
from tests.fixtures.fake_sidecar import FakeSidecar

COLORS = ["red", "blue", "green"]
PRODUCTS = {
    f"P{number}": {
        "title": f"{COLORS[number % 3]} lamp number {number}",
        "brand": "Lumen" if number % 2 else None,
        "color": COLORS[number % 3],
        "category": ["Home", "Lamps"],
        "rating": 4.5,
    }
    for number in range(60)
}


@pytest.fixture
def searches() -> StoredSearches:
    profile = load_profiles(project_root() / "plugin_config" / "profiles")["default"]
    return StoredSearches(PRODUCTS, "default", profile, 10)


def test_a_search_carries_its_best_hits_with_their_fields(searches: StoredSearches) -> None:
    request = wire.RerankRequest.FromString(searches.request("blue lamp"))
    candidates, cut = candidates_of(request.columns, Limits(), 1000)
    assert len(candidates) == 10
    assert cut == 0
    assert {candidate.fields["color"][0] for candidate in candidates} == {"blue"}
    assert [candidate.score for candidate in candidates] == sorted(
        (candidate.score for candidate in candidates), reverse=True
    )
    one = next(candidate for candidate in candidates if candidate.id == "P1")
    assert list(one.fields["brand"]) == ["Lumen"]
    assert list(one.fields["category"]) == ["Home", "Lamps"]
    without = next(candidate for candidate in candidates if candidate.id == "P4")
    assert not without.fields.get("brand")


def test_queries_are_different_and_find_a_whole_window(searches: StoredSearches) -> None:
    queries = searches.queries(15)
    assert len(set(queries)) == 15
    assert queries == searches.queries(15)
    for query in queries:
        assert len(wire.RerankRequest.FromString(searches.request(query)).columns.ids) == 10


def test_a_shop_that_is_too_small_says_so(searches: StoredSearches) -> None:
    with pytest.raises(ValueError, match="give more products"):
        searches.queries(5000)


async def test_answers_tell_their_kind(searches: StoredSearches) -> None:
    async def partly(request: wire.RerankRequest, context: object) -> wire.RerankResponse:
        answer = ranked(request, request.candidates)
        answer.skipped.add(stage="relevance", reason="partly_scored")
        return answer

    with FakeSidecar() as sidecar:
        queries = ["red", "blue"]
        async with SidecarClient(sidecar.address, lambda number: searches.request(queries[number])) as client:
            whole = await client.send(0, 5.0)
            again = await client.send(0, 5.0)
            sidecar.behaviour = reversing
            reversed_one = await client.send(0, 5.0)
            sidecar.behaviour = partly
            degraded = await client.send(1, 5.0)
            sidecar.behaviour = sleeping(5)
            with pytest.raises(TimeoutError):
                await client.send(1, 0.1)
            sidecar.behaviour = failing(grpc.StatusCode.INTERNAL)
            with pytest.raises(OSError, match="INTERNAL"):
                await client.send(1, 5.0)
    assert whole.complete
    assert whole.models == {"fake@1"}
    assert whole == again
    assert whole.order != reversed_one.order
    assert not degraded.complete
    assert degraded.reasons == ("partly_scored",)
