"""One decision for all pages of a query: page 2 continues what page 1 showed, whatever happens between."""

import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from tests.fixtures.answers import failing, fickle, reversing
from tests.fixtures.cluster import Cluster
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.watching import unique_query

pytestmark = pytest.mark.stack


def test_the_sidecar_dies_between_pages(search: SearchClient, fake: FakeSidecar, cluster: Cluster) -> None:
    fake.reset(reversing)
    query = unique_query()
    order = search.plain("shelf", {"query": query, "size": 100}).places[::-1]
    first = search.search("shelf", {"query": query}).places
    fake.stop()
    cluster.wait_for(fake.address, "open")
    with cluster.counting() as counted:
        further = [search.search("shelf", {"query": query, "from": start}).places for start in (10, 20)]
    assert [first, *further] == [order[:10], order[10:20], order[20:30]]
    assert counted == {"remembered": 2}


def test_the_sidecar_dies_between_pages_of_somebody_who_asks_for_reports(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    fake.reset(reversing)
    query = unique_query()
    order = search.plain("shelf", {"query": query, "size": 100}).places[::-1]
    body = {"query": query, "ext": {"reshelf": {}}}
    first = search.search("shelf", body)
    fake.stop()
    cluster.wait_for(fake.address, "open")
    second = search.search("shelf", {**body, "from": 10})
    straddling = search.search("shelf", {**body, "from": 95})
    assert first.places == order[:10]
    assert second.places == order[10:20]
    assert (second.report["reranked"], second.report["remembered"]) == (True, True)
    assert straddling.places[:5] == order[95:]
    assert straddling.places[5:] == search.plain("shelf", {"query": query, "from": 100, "size": 5}).places


def test_a_failed_first_page_is_continued_as_it_was(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    """The sidecar is back for page 2: reranking only that one would repeat hits and lose others."""
    fake.reset(failing(grpc.StatusCode.INTERNAL))
    query = unique_query()
    base = search.plain("shelf", {"query": query, "size": 30}).places
    first = search.search("shelf", {"query": query}).places
    fake.reset(reversing)
    with cluster.counting() as counted:
        further = [search.search("shelf", {"query": query, "from": start}).places for start in (10, 20)]
    assert [first, *further] == [base[:10], base[10:20], base[20:]]
    assert fake.calls == 0
    assert counted == {"remembered_fail_open": 2}


def test_a_first_page_while_the_breaker_was_open_is_continued_as_it_was(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    fake.stop()
    cluster.wait_for(fake.address, "open")
    query = unique_query()
    base = search.plain("shelf", {"query": query, "size": 20}).places
    first = search.search("shelf", {"query": query}).places
    fake.reset(reversing)
    fake.start()
    cluster.wait_for(fake.address)
    second = search.search("shelf", {"query": query, "from": 10}).places
    assert [first, second] == [base[:10], base[10:]]
    # Whoever searches again gets the new order.
    again = search.search("shelf", {"query": query}).places
    assert again == search.plain("shelf", {"query": query, "size": 100}).places[::-1][:10]


@pytest.mark.parametrize("keep", [True, False, None])
def test_a_first_page_that_fails_after_one_that_worked(
    keep: bool | None, search: SearchClient, fake: FakeSidecar
) -> None:
    """Back on page 1 while the sidecar fails: a setting decides, and page 2 agrees either way."""
    search.settings(reshelf__pages__keep_first_page=keep)
    fake.reset(reversing)
    query = unique_query()
    base = search.plain("shelf", {"query": query, "size": 100}).places
    assert search.search("shelf", {"query": query}).places == base[::-1][:10]
    fake.reset(failing(grpc.StatusCode.INTERNAL))
    order = base[::-1] if keep else base
    pages = [search.search("shelf", {"query": query, "from": start}).places for start in (0, 10)]
    assert pages == [order[:10], order[10:20]]


def test_it_is_forgotten_after_its_time(search: SearchClient, fake: FakeSidecar) -> None:
    search.settings(reshelf__pages__ttl="300ms")
    fake.reset(reversing)
    query = unique_query()
    search.search("shelf", {"query": query})
    time.sleep(0.5)
    search.search("shelf", {"query": query, "from": 10})
    assert fake.calls == 2


def test_without_a_memory_each_page_decides_for_itself(search: SearchClient, fake: FakeSidecar) -> None:
    search.settings(reshelf__pages__max_entries=0)
    fake.reset(reversing)
    query = unique_query()
    order = search.plain("shelf", {"query": query, "size": 100}).places[::-1]
    pages = [search.search("shelf", {"query": query, "from": start}).places for start in (0, 10)]
    assert pages == [order[:10], order[10:20]]
    assert fake.calls == 2


def test_more_queries_than_are_remembered(search: SearchClient, fake: FakeSidecar) -> None:
    """The memory is bounded: what falls out is decided anew, and nothing fails."""
    search.settings(reshelf__pages__max_entries=5)
    fake.reset(reversing)
    queries = [unique_query() for _ in range(20)]
    for query in queries:
        search.search("shelf", {"query": query})
    for query in queries:
        order = search.plain("shelf", {"query": query, "size": 100}).places[::-1]
        assert search.search("shelf", {"query": query, "from": 10}).places == order[10:20]
    assert 20 < fake.calls <= 40


def test_pages_asked_for_at_once(search: SearchClient, fake: FakeSidecar) -> None:
    """A client that prefetches: the pages may be decided apart, but every answer is whole."""
    fake.reset(fickle())
    query = unique_query()
    search.search("shelf", {"query": query})
    with ThreadPoolExecutor(8) as pool:
        bodies = [{"query": query, "from": start} for start in range(10, 90, 10)]
        answers = list(pool.map(lambda body: search.search("shelf", body), bodies))
    places = [place for answer in answers for place in answer.places]
    assert len(set(places)) == 80
    assert fake.calls == 1
