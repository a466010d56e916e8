"""Hits fill the parts of a page in its order."""

from typing import Any

from sidecar.domain.ranking import FetchedHit
from sidecar.domain.search import Page
from sidecar.ranking.layout.page.facts import FilledSlot
from sidecar.ranking.layout.page.places import in_place
from sidecar.ranking.layout.page.sections import filled, parts_of
from sidecar.rules.language.telling import Section
from tests.unit.ranking.layout.page.facts import hit

HITS = [hit(rank) for rank in range(1, 9)]
AD = FilledSlot("ads", "sponsored", "Sponsored", "ad", [2])


def sections(
    *described: dict[str, Any], slots: list[FilledSlot] | None = None, page: Page | None = None
) -> Any:
    parts = [Section.model_validate({"name": f"{number}", **one}) for number, one in enumerate(described)]
    shown = in_place(HITS, ())
    return filled(parts_of(parts, shown, slots or []), shown, page or Page())


def ids(told: Any) -> list[list[str]]:
    return [section.get("ids", []) for section in told]


def test_a_hero_and_grids_share_the_hits_out() -> None:
    told = sections(
        {"kind": "hero"},
        {"kind": "grid", "rows": 1, "columns": 3},
        {"kind": "text", "text": "Hello"},
        {"kind": "grid"},
    )
    assert ids(told) == [["P1"], ["P2", "P3", "P4"], [], ["P5", "P6", "P7", "P8"]]
    assert told[2] == {"name": "2", "kind": "text", "text": "Hello"}


def test_an_ad_stands_in_its_section_with_its_label_and_nowhere_else() -> None:
    told = sections({"kind": "sponsored", "slot": "ads"}, {"kind": "grid"}, slots=[AD])
    assert told[0]["label"] == "Sponsored"
    assert ids(told) == [["P2"], ["P1", "P3", "P4", "P5", "P6", "P7", "P8"]]


def test_a_slot_without_a_section_stays_in_the_flow() -> None:
    assert ids(sections({"kind": "grid", "hits": 2}, slots=[AD])) == [["P1", "P2"]]


def test_an_empty_strip_is_left_out() -> None:
    assert [
        section["kind"] for section in sections({"kind": "strip", "slot": "for-you"}, {"kind": "grid"})
    ] == ["grid"]


def test_the_second_page_has_its_own_hits_and_no_hero() -> None:
    told = sections({"kind": "hero"}, {"kind": "grid"}, page=Page(3, 3))
    assert ids(told) == [["P4", "P5", "P6"]]


def test_a_page_beyond_the_hits_is_empty() -> None:
    assert ids(sections({"kind": "grid"}, page=Page(50, 10))) == [[]]


def test_fetched_documents_stand_at_their_places() -> None:
    fetched = [
        FetchedHit("F1", "", 1, "pin"),
        FetchedHit("F9", "", 40, "pin"),
        FetchedHit("F3", "", 3, "pin"),
    ]
    shown = in_place(HITS[:2], fetched)
    assert [(one.id, one.place) for one in shown] == [("F1", 1), ("P1", 2), ("F3", 3), ("P2", 4), ("F9", 5)]
    parts = parts_of([Section(name="g", kind="grid", hits=2)], shown, [])
    assert filled(parts, shown, Page())[0]["ids"] == ["F1", "P1"]
