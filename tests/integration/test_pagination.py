"""Pages put together are the reranked window, then the first stage's hits behind it: each hit once."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.answers import fickle, reversing, shuffled, shuffling
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import assert_same
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import DOCUMENTS

pytestmark = pytest.mark.stack

_nonce = itertools.count()

Places = list[tuple[str, str]]


def found(hits: int = DOCUMENTS) -> dict[str, Any]:
    """A query that finds that many products, and is unlike any query before: none is remembered."""
    return {
        "bool": {
            "must": [{"match": {"title": "running shoe"}}],
            "filter": [{"range": {"serial": {"lt": hits}}}],
            "must_not": [{"term": {"serial": -1 - next(_nonce)}}],
        }
    }


def expected(
    search: SearchClient, query: dict[str, Any], window: int, seed: int, index: str = "shelf"
) -> Places:
    """Every hit in the order that a shopper should see."""
    first_stage = search.plain(index, {"query": query, "size": 1000, "_source": False}).places
    return shuffled(seed, first_stage[:window], lambda place: place[1]) + first_stage[window:]


@pytest.mark.timeout(240)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    window=st.sampled_from([1, 2, 7, 20, 100, 1000]),
    hits=st.one_of(st.integers(0, 30), st.integers(0, DOCUMENTS)),
    sizes=st.lists(st.one_of(st.integers(1, 12), st.integers(1, 150)), min_size=1, max_size=6),
    seed=st.integers(0, 1000),
)
def test_pages_of_any_sizes(
    search: SearchClient, fake: FakeSidecar, window: int, hits: int, sizes: list[int], seed: int
) -> None:
    """The sizes are taken in turn, so pages begin and end anywhere in, across and behind the window."""
    fake.reset(shuffling(seed))
    query = found(hits)
    order = expected(search, query, window, seed)
    assert len(order) == hits
    start, pages = 0, 0
    for size in itertools.islice(itertools.cycle(sizes), 12):
        answer = search.search(
            "shelf", {"query": query, "from": start, "size": size}, search_pipeline=f"window-{window}"
        )
        assert answer.status == 200
        assert answer.places == order[start : start + size]
        assert answer.body["hits"]["total"] == {"value": hits, "relation": "eq"}
        start, pages = start + size, pages + 1
    # A further page is cut from the order that the first one got.
    assert fake.calls <= 1


@pytest.mark.parametrize("size", [10, 30, 33, 100, 150])
def test_all_pages_put_together(search: SearchClient, fake: FakeSidecar, size: int) -> None:
    fake.reset(shuffling(7))
    query = found()
    pages = [
        search.search("shelf", {"query": query, "from": start, "size": size}).places
        for start in range(0, DOCUMENTS, size)
    ]
    together = list(itertools.chain.from_iterable(pages))
    assert together == expected(search, query, 100, 7)
    assert len(set(together)) == DOCUMENTS


def test_a_sidecar_that_changes_its_mind_does_not_repeat_hits(
    search: SearchClient, fake: FakeSidecar
) -> None:
    fake.reset(fickle())
    query = found()
    seen: Places = []
    for start in range(0, 120, 10):
        seen += search.search("shelf", {"query": query, "from": start, "size": 10}).places
    assert len(set(seen)) == 120
    assert fake.calls == 1


def test_a_first_page_asks_anew(search: SearchClient, fake: FakeSidecar) -> None:
    """Somebody who searches again is not shown what was decided for an earlier search."""
    query = found()
    first = search.search("shelf", {"query": query}).places
    fake.reset(reversing)
    again = search.search("shelf", {"query": query}).places
    assert fake.calls == 1
    assert again != first
    assert again == expected_reverse(search, query)[:10]


def expected_reverse(search: SearchClient, query: dict[str, Any]) -> Places:
    return search.plain("shelf", {"query": query, "size": 100}).places[::-1]


def test_a_further_page_asked_for_first(search: SearchClient, fake: FakeSidecar) -> None:
    """A link to page 3: nobody has decided yet, so this page decides, and page 1 agrees with it."""
    fake.reset(reversing)
    query = found()
    order = expected_reverse(search, query)
    third = search.search("shelf", {"query": query, "from": 20}).places
    assert third == order[20:30]
    assert search.search("shelf", {"query": query}).places == order[:10]


def test_pages_behind_the_window_ask_nobody(
    search: SearchClient, fake: FakeSidecar, cluster: Cluster
) -> None:
    fake.reset(reversing)
    with cluster.counting() as counted:
        for start in (100, 150, 290):
            body = {"query": found(), "from": start, "size": 20}
            assert_same(search.search("shelf", body), search.plain("shelf", body))
    assert fake.calls == 0
    assert counted == {"beyond_window": 3}


def test_an_index_with_a_small_result_window(search: SearchClient, fake: FakeSidecar) -> None:
    """`index.max_result_window` is 20, the pipeline's window 100: asking for 100 would be refused."""
    fake.reset(reversing)
    query = found(60)
    order = search.plain("small-window", {"query": query, "size": 20}).places[::-1]
    assert search.search("small-window", {"query": query}).places == order[:10]
    assert len(fake.last.candidates) == 20
    assert search.search("small-window", {"query": query, "from": 10}).places == order[10:]
    assert search.search("small-window", {"query": query, "from": 15, "size": 5}).places == order[15:]


def test_pages_that_are_refused_without_the_pipeline_are_refused_with_it(search: SearchClient) -> None:
    for index, body in (
        ("small-window", {"from": 15, "size": 10}),
        ("small-window", {"size": 21}),
        ("shelf", {"from": 9_995, "size": 10}),
        ("shelf", {"from": -1}),
        ("shelf", {"size": -1}),
    ):
        plain = search.plain(index, {"query": found(), **body})
        through = search.search(index, {"query": found(), **body})
        assert (through.status, through.body) == (plain.status, plain.body) or (
            # -1 is "not given" to some versions.
            plain.status == through.status == 200
        )


def test_page_parameters_in_the_url(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(reversing)
    query = found()
    answer = search.call("POST", "/shelf/_search", {"query": query}, **{"from": 5, "size": 3})
    assert answer.places == expected_reverse(search, query)[5:8]


def test_documents_that_change_between_pages(search: SearchClient, fake: FakeSidecar) -> None:
    """The hits are no longer those that the order was made for: page 2 is decided anew."""
    fake.reset(reversing)
    query = {
        "bool": {
            "must": [{"match": {"title": "running shoe"}}],
            "filter": [{"range": {"serial": {"lt": 1000}}}],
        }
    }
    search.search("shelf-more", {"query": query})
    try:
        body = {"title": "running running shoe", "serial": 900}
        search.ok("PUT", "/shelf-more/_doc/fresh", body, refresh="true")
        second = search.search("shelf-more", {"query": query, "from": 10, "size": 10})
        order = search.plain("shelf-more", {"query": query, "size": 100}).places[::-1]
        assert second.places == order[10:20]
        assert fake.calls == 2
    finally:
        search.ok("DELETE", "/shelf-more/_doc/fresh", refresh="true")


def test_ties_are_paged_without_repeats(search: SearchClient, fake: FakeSidecar) -> None:
    """A third of the products score the same; on three shards their order hangs by a thread."""
    fake.reset(shuffling(3))
    query = {
        "bool": {
            "must": [{"match": {"title": "trail"}}],
            "must_not": [{"term": {"serial": -1 - next(_nonce)}}],
        }
    }
    order = expected(search, query, 100, 3)
    assert len(order) == 100
    pages = [
        search.search("shelf", {"query": query, "from": start, "size": 7}).places
        for start in range(0, 100, 7)
    ]
    assert list(itertools.chain.from_iterable(pages)) == order
