"""What a client is told of the page that rules made, and what it says itself."""

from typing import Any

import pytest

from tests.fixtures.answers import laying_out
from tests.fixtures.fake_sidecar import FakeSidecar
from tests.fixtures.laid_out_list import (
    first_stage_of,
    query,
)
from tests.fixtures.search_client import SearchClient
from tests.fixtures.shelf import pipeline

pytestmark = pytest.mark.stack


def test_pages_are_told_to_those_that_ask(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(below=95), "ext": {"reshelf": {"layout": True}}}
    order = first_stage_of(search, body["query"])
    fake.reset(laying_out(order[:5], page={"sections": [{"name": "hero"}]}))

    def told(start: int, size: int) -> Any:
        answer = search.search("shelf", {**body, "from": start, "size": size}, search_pipeline="window-20")
        return answer.report["layout"]

    first = told(0, 10)
    assert first["sections"] == [{"name": "hero"}]
    assert first["pages"] == {
        "from": 0,
        "size": 10,
        "total": {"value": 95, "relation": "eq"},
        "next": {"rel": "next", "from": 10, "size": 10},
    }
    assert "item_list" not in first
    assert "missing" not in first
    assert told(5, 10)["pages"]["previous"] == {"rel": "prev", "from": 0, "size": 5}
    # Five hits are hidden: the last page ends with the ninetieth.
    behind = told(80, 10)
    assert behind["pages"]["previous"] == {"rel": "prev", "from": 70, "size": 10}
    assert "next" not in behind["pages"]
    assert fake.last.layout.metadata
    assert not fake.last.layout.structured_data


def test_structured_data_has_the_final_places(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(below=60), "ext": {"reshelf": {"structured_data": True}}, "size": 30}
    order = first_stage_of(search, body["query"])
    fake.reset(laying_out(order[:1], [(order[40], 2)], described=True))
    answer = search.search("shelf", body, search_pipeline="window-20")
    listed = answer.report["layout"]["item_list"]
    assert (listed["@context"], listed["@type"]) == ("https://schema.org", "ItemList")
    assert listed["numberOfItems"] == 30
    assert [one["position"] for one in listed["itemListElement"]] == list(range(1, 31))
    items = [one["item"] for one in listed["itemListElement"]]
    assert [item["productID"] for item in items] == answer.ids
    # Those of the window are described; the one that was brought in and those behind are only named.
    assert ["name" in item for item in items] == [True, False, *[True] * 18, *[False] * 10]
    assert "pages" not in answer.report["layout"]
    second = search.search("shelf", {**body, "from": 5, "size": 3}, search_pipeline="window-20")
    listed = second.report["layout"]["item_list"]["itemListElement"]
    assert [one["position"] for one in listed] == [6, 7, 8]
    assert [one["item"]["productID"] for one in listed] == second.ids == answer.ids[5:8]


def test_what_is_said_badly_costs_only_itself(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(), "ext": {"reshelf": {"layout": True, "structured_data": True}}}
    good = laying_out(described=True, page={"a": 1})

    async def bad(request: Any, context: Any) -> Any:
        answer = await good(request, context)
        answer.layout.page = "[1, 2"
        del answer.layout.items[1:]
        return answer

    fake.reset(bad)
    report = search.search("shelf", body).report
    assert report["reranked"]
    assert set(report["layout"]) == {"pages", "item_list"}
    assert report["layout"]["item_list"]["numberOfItems"] == 10


def test_explained(search: SearchClient, fake: FakeSidecar) -> None:
    body = {"query": query(below=60), "ext": {"reshelf": {"explain": True}}, "size": 4}
    order = first_stage_of(search, body["query"])
    fake.reset(laying_out(order[:1], [(order[40], 2)]))
    answer = search.search("shelf", body, search_pipeline="window-20")
    told = answer.report["hits"]
    assert [hit["id"] for hit in told] == answer.ids
    acted = [{"rule": "boost-shoes", "action": "boost", "outcome": "acted"}]
    assert told[0]["rules"] == acted
    assert told[1]["rules"] == [{"rule": f"bring-{order[40]}", "outcome": "fetched"}]
    assert "pages" in answer.report["layout"]


def test_who_does_not_ask_is_told_nothing(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(laying_out(page={"sections": []}, described=True))
    assert "ext" not in search.search("shelf", {"query": query()}).body
    report = search.search("shelf", {"query": query(), "ext": {"reshelf": {}}}).report
    assert "layout" not in report
    wish = fake.last.layout
    assert (wish.removes, wish.fetches) == (True, True)
    assert not (wish.metadata or wish.structured_data or wish.sponsored)


def test_who_labels_paid_places_says_so(search: SearchClient, fake: FakeSidecar) -> None:
    fake.reset(laying_out(page={"slots": [{"kind": "sponsored"}]}))
    answer = search.search("shelf", {"query": query(), "ext": {"reshelf": {"sponsored": True}}})
    assert fake.last.layout.sponsored
    assert answer.report["layout"]["slots"] == [{"kind": "sponsored"}]


def test_segments_and_experiments(search: SearchClient, fake: FakeSidecar) -> None:
    said = {"segments": ["runner", "vip"], "experiments": {"grid": "b"}}
    search.search("shelf", {"query": query(), "ext": {"reshelf": said}})
    assert list(fake.last.shopper.segments) == ["runner", "vip"]
    assert dict(fake.last.context.experiments) == {"grid": "b"}
    options = {"shopper": {"segments": ["tool"]}, "context": {"experiments": {"grid": "a"}}}
    search.search("shelf", {"query": query(), "search_pipeline": pipeline(reshelf=options)})
    assert list(fake.last.shopper.segments) == ["tool"]
    assert dict(fake.last.context.experiments) == {"grid": "a"}
