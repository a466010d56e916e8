"""Clients are told what they asked for."""

import json
from typing import Any

from sidecar.domain.search import LayoutWish
from sidecar.ranking.layout.page.facts import FilledSlot, HiddenHit, PageFacts
from sidecar.ranking.layout.page.page_layout import page_layout, wanted
from sidecar.rules.language.telling import PageLayout
from tests.unit.ranking.layout.page.facts import facts, hit, profile, search

AD = FilledSlot("ads", "sponsored", "Sponsored", "ad", [1])
PAGE = PageLayout.model_validate(
    {"variants": {"a": {"sections": [{"name": "all", "kind": "grid"}]}}, "facets": {"fields": ["brand"]}}
)


def known(**more: Any) -> PageFacts:
    hits = [hit(1, brand="Acme", title="red shoe"), hit(2, brand="Bolt", title="blue shoe")]
    return facts(*hits, slots=[AD], page=PAGE, page_rule="look", metadata={"banner": "Sale"}, **more)


def told(wish: LayoutWish, **more: Any) -> dict[str, Any]:
    layout = page_layout(
        search(wish, **more), profile(), known(hidden=[HiddenHit("P9", "no-p9", "hide")])
    ).layout
    parsed: dict[str, Any] = json.loads(layout.json) if layout is not None else {}
    return parsed


def test_nobody_asked() -> None:
    assert not wanted(search(LayoutWish(removes=True, fetches=True)))
    assert told(LayoutWish(removes=True, fetches=True)) == {}


def test_the_page_as_the_rules_build_it() -> None:
    page = told(LayoutWish(metadata=True))
    assert page["sections"] == [{"name": "all", "kind": "grid", "ids": ["P1", "P2"]}]
    assert page["metadata"] == {"banner": "Sale"}
    assert page["variant"] == {"rule": "look", "name": "a"}
    assert page_layout(search(LayoutWish(metadata=True)), profile(), known()).variant == "a"
    assert "explain" not in page


def test_ads_are_for_those_who_asked_and_always_labelled() -> None:
    assert "slots" not in told(LayoutWish(metadata=True))
    assert told(LayoutWish(sponsored=True)) == {
        "slots": [{"name": "ads", "kind": "sponsored", "label": "Sponsored", "positions": [1], "ids": ["P1"]}]
    }


def test_explained() -> None:
    part = told(LayoutWish(), explain=True)["explain"]
    assert part["hidden"] == [{"id": "P9", "rule": "no-p9", "by": "hide"}]
    assert part["shown"]["brand_entropy"] == 1
    assert 0 < part["shown"]["diversity"] <= 1
    assert part["shown"] == part["incoming"]
    assert part["overlap_with_incoming"] == 1


def test_an_empty_page_has_a_layout_too() -> None:
    empty = facts(page=PAGE, metadata={"sorry": True})
    layout = page_layout(search(LayoutWish(metadata=True), explain=True), profile(), empty).layout
    assert layout is not None and json.loads(layout.json)["sections"] == [
        {"name": "all", "kind": "grid", "ids": []}
    ]
