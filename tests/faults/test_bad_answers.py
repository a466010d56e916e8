"""A sidecar that answers wrongly, or with an error: never seen by the shopper, always counted."""

import time

import grpc
import pytest

from tests.fixtures.answers import GARBAGE, failing, reversing, sleeping
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import assert_same
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.watching import QUERY, reranked_now, search_many, unique_query, wait_as_shoppers_do

pytestmark = pytest.mark.stack

REASONS = {
    "one hit too few": "bad_answer_missing",
    "half of the hits": "bad_answer_missing",
    "one hit too many": "bad_answer_length",
    "no hits": "bad_answer_missing",
    "nothing at all": "bad_answer_missing",
    "a rank that was not sent": "bad_answer_unknown",
    "rank zero": "bad_answer_unknown",
    "an id that was not sent": "bad_answer_unknown",
    "ids that belong to other ranks": "bad_answer_unknown",
    "one hit twice": "bad_answer_duplicate",
    "empty hits": "bad_answer_unknown",
    "a score that is not a number": "bad_answer_score",
    "an infinite score": "bad_answer_score",
    "rising scores": "bad_answer_score",
    "an answer beyond the largest message": "overloaded",
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage(kind: str, search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    fake.reset(GARBAGE[kind])
    body = {
        "query": QUERY,
        "from": 5,
        "size": 7,
        "_source": ["serial"],
        "aggs": {"colors": {"terms": {"field": "color"}}},
        "highlight": {"fields": {"title": {}}},
    }
    with cluster.counting() as counted:
        through = search.search("shelf", body)
    assert_same(through, search.plain("shelf", body))
    assert fake.calls == 1
    assert counted == {REASONS[kind]: 1}
    fake.reset(reversing)
    assert reranked_now(search)


CODES = {
    grpc.StatusCode.INTERNAL: "sidecar_error",
    grpc.StatusCode.UNKNOWN: "sidecar_error",
    grpc.StatusCode.INVALID_ARGUMENT: "sidecar_error",
    grpc.StatusCode.UNIMPLEMENTED: "sidecar_error",
    grpc.StatusCode.UNAUTHENTICATED: "sidecar_error",
    grpc.StatusCode.PERMISSION_DENIED: "sidecar_error",
    grpc.StatusCode.CANCELLED: "sidecar_error",
    grpc.StatusCode.ABORTED: "sidecar_error",
    grpc.StatusCode.DATA_LOSS: "sidecar_error",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "overloaded",
    grpc.StatusCode.UNAVAILABLE: "unavailable",
    grpc.StatusCode.DEADLINE_EXCEEDED: "deadline",
}


@pytest.mark.parametrize(("code", "reason"), CODES.items(), ids=lambda value: getattr(value, "name", value))
def test_error_status(
    code: grpc.StatusCode, reason: str, search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    fake.reset(failing(code))
    body = {"query": QUERY, "size": 7}
    with cluster.counting() as counted:
        through = search.search("shelf", body)
    assert_same(through, search.plain("shelf", body))
    assert counted == {reason: 1}


def test_errors_in_a_row_open_the_breaker_and_it_closes_again(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    search.settings(reshelf__breaker__failures=3, reshelf__breaker__cooldown="60s")
    # A success ends the count of failures in a row that earlier tests began.
    assert reranked_now(search)
    fake.reset(failing(grpc.StatusCode.INTERNAL))
    watch = search_many(search, 20)
    assert watch.outcomes == ["sidecar_error"] * 3 + ["breaker_open"] * 17
    assert fake.calls == 3
    search.settings(reshelf__breaker__cooldown="200ms")
    fake.reset(reversing)
    cluster.restore(fake.address)
    assert reranked_now(search)


def test_shedding_load_does_not_open_the_breaker(search: SearchClient, fake: FakeSidecar) -> None:
    """An overloaded sidecar is alive: leaving it alone altogether would waste what it can do."""
    fake.reset(failing(grpc.StatusCode.RESOURCE_EXHAUSTED))
    assert search_many(search, 20).counts == {"overloaded": 20}
    fake.behaviour = reversing
    assert reranked_now(search)


def test_slow_beyond_the_deadline(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    """Answers come too late; the first few searches wait for the deadline, the others for nothing."""
    search.settings(reshelf__breaker__failures=3, reshelf__breaker__cooldown="30s")
    assert reranked_now(search)
    wait_as_shoppers_do(search)
    fake.reset(sleeping(3))
    watch = search_many(search, 20)
    assert watch.outcomes == ["deadline"] * 3 + ["breaker_open"] * 17
    # The sidecar is told that nobody waits any longer.
    assert fake.cancelled == 3


def test_a_sidecar_that_says_it_is_not_ready(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    """Draining: the health service says so before the port closes, and no search runs into it."""
    fake.serving(False)
    cluster.wait_for(fake.address, "open")
    fake.reset(reversing)
    assert search_many(search, 5).counts == {"breaker_open": 5}
    assert fake.calls == 0
    fake.serving(True)
    cluster.wait_for(fake.address)
    assert reranked_now(search)


def test_a_cold_sidecar_gets_no_search_before_it_is_warm(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    fake.stop()
    cluster.wait_for(fake.address, "open")
    fake.probes = sleeping(0.15)
    fake.start()
    assert search_many(search, 5).counts == {"breaker_open": 5}
    cluster.wait_for(fake.address)
    # Some calls on each node, one after the other: the first is the slow one.
    assert fake.probed >= 4
    assert reranked_now(search)


def test_a_late_answer_changes_nothing(search: SearchClient, fake: FakeSidecar) -> None:
    """Page 1 went out without it; what arrives afterwards must not order page 2."""
    wait_as_shoppers_do(search)
    fake.reset(sleeping(0.4))
    query = unique_query()
    base = search.plain("shelf", {"query": query, "size": 20}).places
    assert search.search("shelf", {"query": query}).places == base[:10]
    time.sleep(0.5)
    fake.behaviour = reversing
    search.settings(reshelf__deadline=None)
    assert search.search("shelf", {"query": query, "from": 10}).places == base[10:]
