"""Which of a document's fields the sidecar gets, and that the client gets no more than it asked for."""

import json
from typing import Any

import pytest

from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import FIELDS, document, pipeline

pytestmark = pytest.mark.stack

QUERY: dict[str, Any] = {"match": {"title": "running shoe"}}


def test_just_the_configured_fields(search: SearchClient, fake: FakeSidecar) -> None:
    search.search("shelf", {"query": QUERY})
    for candidate in fake.last.candidates:
        product = document(int(candidate.id.removeprefix("p")))
        assert set(candidate.fields) == set(FIELDS)
        assert list(candidate.fields["title"].texts) == [product["title"]]
        assert list(candidate.fields["tags"].texts) == product["tags"]
        assert list(candidate.fields["price"].numbers) == [product["price"]]
        assert list(candidate.fields["in_stock"].flags) == [product["in_stock"]]
        assert list(candidate.fields["attributes.material"].texts) == [product["attributes"]["material"]]


@pytest.mark.parametrize(
    "source",
    [
        True,
        False,
        "serial",
        ["pri*"],
        {"excludes": ["title", "attributes"]},
        {"includes": [], "excludes": ["*"]},
    ],
    ids=str,
)
def test_whatever_the_client_wants_to_see(source: Any, search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": QUERY, "_source": source}
    through, plain = search.search("shelf", body), search.plain("shelf", body)
    assert all(set(candidate.fields) == set(FIELDS) for candidate in fake.last.candidates)
    assert through.hits == plain.hits


def test_candidates_carry_place_index_and_score(search: SearchClient, fake: FakeSidecar) -> None:
    search.search("shelf,shelf-more", {"query": QUERY}, search_pipeline="reshelf")
    plain = search.plain("shelf,shelf-more", {"query": QUERY, "size": 100})
    candidates = fake.last.candidates
    assert [(candidate.index, candidate.id) for candidate in candidates] == plain.places
    assert [candidate.rank for candidate in candidates] == list(range(1, 101))
    assert [candidate.score for candidate in candidates] == pytest.approx(
        [hit["_score"] for hit in plain.hits]
    )


def test_no_fields(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": QUERY, "search_pipeline": pipeline(reshelf_window={"fields": []})}
    search.search("shelf", {**body, "_source": False})
    assert all(not candidate.fields for candidate in fake.last.candidates)


def test_strange_documents(search: SearchClient, fake: FakeSidecar) -> None:
    """Missing, null, empty, mixed, huge, nested in lists: each is sent as well as it can be."""
    settings = {"index": {"number_of_replicas": 0, "search.default_pipeline": "reshelf"}}
    mapping = {
        "dynamic": False,
        "properties": {"words": {"type": "text"}},
    }
    search.ok("PUT", "/strange", {"settings": settings, "mappings": mapping})
    documents: dict[str, Any] = {
        "nothing": {},
        "null": {"title": None, "attributes": None, "tags": [None, "a"]},
        "empty": {"title": "", "tags": [], "attributes": {}},
        "mixed": {"tags": ["a", 1, True, {"b": "c"}, ["d"]], "title": {"unexpected": "object"}},
        "list of objects": {"attributes": [{"material": "leather"}, {"material": "wood"}, {"sole": "x"}]},
        "dotted": {"attributes.material": "canvas"},
        "huge": {"title": "鞋 " * 200_000, "tags": ["x" * 1000] * 500},
        "control": {"title": "a\u0000b\u001f\U0001f45f\n", "price": 1e308, "in_stock": "yes"},
        "a" * 500: {"title": "a long id"},
    }
    try:
        for name, content in documents.items():
            body = json.dumps({"words": "shoe", **content}).encode()
            search.ok("PUT", f"/strange/_doc/{name}", content=body)
        search.ok("POST", "/strange/_refresh")
        body = {"query": {"match": {"words": "shoe"}}, "size": 20}
        through, plain = search.search("strange", body), search.plain("strange", body)
        assert through.hits == plain.hits
        sent = {candidate.id: candidate.fields for candidate in fake.last.candidates}
        assert set(sent) == set(documents)
        assert not sent["nothing"]
        assert list(sent["null"]["tags"].texts) == ["a"]
        assert "a" in sent["mixed"]["tags"].texts
        assert list(sent["list of objects"]["attributes.material"].texts) == ["leather", "wood"]
        assert list(sent["dotted"]["attributes.material"].texts) == ["canvas"]
        assert sum(len(text) for field in sent["huge"].values() for text in field.texts) <= 65_536
        assert sent["control"]["title"].texts[0].startswith("a\u0000b")
    finally:
        search.call("DELETE", "/strange")
