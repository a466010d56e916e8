"""`ext.reshelf` in the request, and what the answer tells those who sent it."""

from typing import Any

import pytest

from tests.fixtures.answers import reversing
from tests.fixtures.cluster import Cluster
from tests.fixtures.comparison import comparable
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient

pytestmark = pytest.mark.stack

QUERY: dict[str, Any] = {"match": {"title": "running shoe"}}

MALFORMED: dict[str, tuple[str, Any]] = {
    "unknown key": ("clientid", {"clientid": "x"}),
    "a number for a text": ("client_id", {"client_id": 42}),
    "an object for a text": ("session_id", {"session_id": {"id": "x"}}),
    "a list for a text": ("user_id", {"user_id": ["x"]}),
    "true for a text": ("query", {"query": True}),
    "a text for a flag": ("explain", {"explain": "yes"}),
    "a number for a flag": ("consent", {"consent": 1}),
    "a text that is too long": ("client_id", {"client_id": "x" * 129}),
    "a query that is too long": ("query", {"query": "x" * 2049}),
    "a locale that is too long": ("locale", {"locale": "x" * 36}),
    "a profile with a path in it": ("profile", {"profile": "../secrets"}),
    "a text for a list": ("segments", {"segments": "vip"}),
    "too many segments": ("segments", {"segments": [f"s{number}" for number in range(33)]}),
    "a list for an object": ("experiments", {"experiments": ["grid"]}),
    "an arm that is too long": ("experiments", {"experiments": {"grid": "x" * 65}}),
    "no object": ("reshelf", "yes"),
    "a list": ("reshelf", []),
    "null inside a list": ("reshelf", [None]),
}


@pytest.mark.parametrize(("key", "section"), MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed(key: str, section: Any, search: SearchClient, fake: FakeSidecar) -> None:
    answer = search.search("shelf", {"query": QUERY, "ext": {"reshelf": section}})
    assert answer.status == 400
    assert key in answer.body["error"]["root_cause"][0]["reason"]
    assert fake.calls == 0


def test_a_key_may_be_null_or_empty(search: SearchClient, fake: FakeSidecar) -> None:
    section = {"client_id": None, "query": "", "consent": None, "profile": "", "locale": "  "}
    assert search.search("shelf", {"query": QUERY, "ext": {"reshelf": section}}).status == 200
    assert fake.last.query.text == "running shoe"


def test_the_answer_tells_what_happened(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(reversing)
    answer = search.search("shelf", {"query": QUERY, "ext": {"reshelf": {"query_id": "q-1"}}})
    assert answer.report["reranked"] is True
    assert answer.report["query_id"] == "q-1"
    assert answer.report["versions"] == {"sidecar": "fake", "model": "fake@1"}
    assert answer.report["skipped"] == []
    assert "hits" not in answer.report


def test_explain_gives_each_hits_place_and_score(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(reversing)
    answer = search.search("shelf", {"query": QUERY, "size": 3, "ext": {"reshelf": {"explain": True}}})
    told = answer.report["hits"]
    assert [(hit["index"], hit["id"]) for hit in told] == answer.places
    assert [hit["rank"] for hit in told] == [100, 99, 98]
    assert [hit["score"] for hit in told] == [100, 99, 98]


def test_the_others_see_an_ordinary_answer(search: SearchClient) -> None:
    body = {"query": QUERY}
    assert "ext" not in search.search("shelf", body).body
    assert list(comparable(search.search("shelf", body))) == list(comparable(search.plain("shelf", body)))


def test_the_section_alone_does_no_harm(search: SearchClient, fake: FakeSidecar) -> None:
    """Clients may send it to an index without the pipeline."""
    answer = search.search("shelf-plain", {"query": QUERY, "ext": {"reshelf": {"client_id": "x"}}})
    assert answer.status == 200
    assert fake.calls == 0


def test_figures_do_not_name_shoppers(search: SearchClient, cluster: Cluster) -> None:
    search.search("shelf", {"query": QUERY, "ext": {"reshelf": {"client_id": "secret-device"}}})
    assert "secret-device" not in str(cluster.stats())
