"""Fifty shoppers page through results while the sidecar is restarted: no failure, no repeated hit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.fixtures.answers import fickle, sleeping
from tests.fixtures.cluster import Cluster, wait_until
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.watching import unique_query

pytestmark = pytest.mark.stack

SHOPPERS = 50
PAGES = 4


@dataclass
class Seen:
    """What all shoppers together got."""

    visits: int = 0
    problems: list[str] = field(default_factory=list)


def visit(client: SearchClient) -> str | None:
    """One shopper's pages; answers what was wrong with them."""
    query, seen = unique_query(), []
    for page in range(PAGES):
        answer = client.search(
            "shelf", {"query": query, "from": page * 10, "size": 10, "_source": ["serial"]}
        )
        if answer.status != 200:
            return f"page {page + 1} answered {answer.status}: {answer.body}"
        if answer.body["_shards"]["failed"] or len(answer.places) != 10:
            return f"page {page + 1} is not whole: {answer.body}"
        seen += answer.places
    repeated = len(seen) - len(set(seen))
    return f"{repeated} hits came twice" if repeated else None


@pytest.mark.timeout(200)
def test_no_search_fails_and_no_hit_comes_twice(cluster: Cluster, fake: FakeSidecar) -> None:
    fake.reset(sleeping(0.005, fickle()))
    seen, end = Seen(), threading.Event()

    def shop(number: int) -> None:
        # Each stays with its node, as behind a load balancer that keeps sessions.
        client = cluster.front if number % 2 else cluster.client
        while not end.is_set():
            problem = visit(client)
            seen.visits += 1
            if problem:
                seen.problems.append(problem)

    with cluster.counting() as counted, ThreadPoolExecutor(SHOPPERS) as pool:
        shoppers = [pool.submit(shop, number) for number in range(SHOPPERS)]
        try:
            for _ in range(3):
                end.wait(1)
                fake.stop()
                end.wait(0.7)
                fake.start()
                cluster.wait_for(fake.address)
        finally:
            end.set()
        for shopper in shoppers:
            shopper.result(timeout=60)
    assert seen.problems == []
    assert seen.visits >= SHOPPERS
    # Both happened: orders of the sidecar, and searches that it could not answer.
    assert counted["reranked"] > 0
    assert counted["breaker_open"] + counted["unavailable"] > 0
    assert counted["internal_error"] == 0
    wait_until(lambda: all(node["client"]["in_flight"] == 0 for node in cluster.stats().values()))


def test_concurrent_searches_of_a_healthy_sidecar(cluster: Cluster, fake: FakeSidecar) -> None:
    fake.reset(fickle())
    with cluster.counting() as counted, ThreadPoolExecutor(SHOPPERS) as pool:
        problems = list(pool.map(lambda number: visit(cluster.client), range(100)))
    assert problems == [None] * 100
    assert counted["internal_error"] == 0
