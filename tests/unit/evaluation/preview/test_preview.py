"""Two sets of rules over the same searches, and the page about them."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.search import FieldFilter
from sidecar.evaluation.preview.html_page import ROW, html_page
from sidecar.evaluation.preview.model import Preview, QueryPreview
from sidecar.evaluation.preview.run import PreviewRun, Who
from sidecar.ranking.layout.compiled import CompiledRules, compile_rules
from sidecar.ranking.stage import StageResult, StageSkipped
from sidecar.ranking.standing import Standing
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet
from tests.fixtures.browser import widths

PROFILE = Profile.model_validate({"document": {"fields": ["title"]}})
LIVE = "[{id: hide-c, then: [{hide: {ids: [C]}}]}]"
DRAFT = """
- {id: pin-d, then: [{pin: {id: D, position: 1}}]}
- {id: bring-z, then: [{pin: {id: Z, position: 3, on_missing: fetch}}]}
- {id: hide-b, then: [{hide: {ids: [B]}}]}
"""


class Reversed:
    """A relevance that turns the order round, or has nothing to say."""

    name = "relevance"

    def __init__(self, skips: str = "") -> None:
        self.skips = skips
        self.calls = 0

    async def apply(self, search: Any, profile: Any, standing: Standing, deadline: Any) -> StageResult:
        self.calls += 1
        if self.skips:
            raise StageSkipped(self.skips)
        return StageResult(Standing(list(standing.candidates)[::-1], standing.scores), candidates=4)


def rules(text: str) -> CompiledRules:
    return compile_rules(RuleSet.of(Rule.model_validate(rule) for rule in yaml.safe_load(text)), "x")


def candidates(ids: str = "ABCD", **fields: Sequence[str]) -> list[Candidate]:
    return [
        Candidate(one, rank, 10.0 - rank, "shop", {"title": [f"Title {one}"], **fields})
        for rank, one in enumerate(ids, 1)
    ]


async def previewed(
    live: str | None = LIVE,
    draft: str = DRAFT,
    relevance: Any = None,
    found: list[Candidate] | None = None,
    missing: bool = False,
    who: Who | None = None,
    query: str = "shoes",
) -> QueryPreview:
    run = PreviewRun(
        relevance or Reversed("scorer_unavailable"),
        rules(live) if live else None,
        rules(draft),
        "default",
        PROFILE,
        10,
    )
    fetch = lambda ids: {} if missing else {one: {"title": [f"Fetched {one}"]} for one in ids}  # noqa: E731
    given = candidates() if found is None else found
    return await run.preview(query, given, "shop", None, who or Who(), fetch)


def ids(side: Any) -> list[str]:
    return [hit.id for hit in side.shown]


async def test_both_sides_and_the_moves() -> None:
    found = await previewed()
    assert ids(found.live) == ["A", "B", "D"]
    assert ids(found.draft) == ["D", "A", "Z", "C"]
    moves = {move.id: (move.before, move.after) for move in found.moves}
    assert moves == {"D": (3, 1), "A": (1, 2), "Z": (None, 3), "C": (None, 4), "B": (2, None)}
    assert found.live.acting == ["hide-c"]
    assert set(found.draft.acting) >= {"pin-d", "hide-b"}
    assert [(hit.id, hit.badges[0].rule) for hit in found.draft.hidden] == [("B", "hide-b")]
    pinned = found.draft.shown[0]
    assert (pinned.title, pinned.badges[0].action, pinned.badges[0].rule) == ("Title D", "pin", "pin-d")
    assert found.draft.shown[2].fetched
    assert found.draft.shown[2].title == "Fetched Z"


async def test_a_document_that_cannot_be_brought_in_leaves_no_gap() -> None:
    found = await previewed(missing=True)
    assert ids(found.draft) == ["D", "A", "C"]
    assert [hit.place for hit in found.draft.shown] == [1, 2, 3]


async def test_a_document_that_rules_hide_by_what_it_says_is_not_brought_in() -> None:
    hide = "- {id: hide-z, then: [{hide: {filter: \"title == 'Fetched Z'\"}}]}\n"
    assert ids((await previewed(draft=DRAFT + hide)).draft) == ["D", "A", "C"]
    other = hide.replace("Fetched Z", "Fetched Y")
    assert ids((await previewed(draft=DRAFT + other)).draft) == ["D", "A", "Z", "C"]


async def test_boosts_are_told_though_they_touch_many() -> None:
    draft = "[{id: loud, then: [{boost: {filter: \"title contains 'd'\", weight: 2}}]}]"
    found = await previewed(None, draft)
    badges = {hit.id: [(badge.action, badge.rule) for badge in hit.badges] for hit in found.draft.shown}
    assert badges["D"] == [("boost", "loud")]
    assert badges["A"] == []


async def test_equal_rules_change_nothing() -> None:
    found = await previewed(DRAFT, DRAFT)
    assert not found.changed
    assert not found.to_json()["moves"]


async def test_relevance_is_asked_once_for_both() -> None:
    relevance = Reversed()
    found = await previewed(None, "[{id: pin-a, then: [{pin: {id: A, position: 2}}]}]", relevance)
    assert relevance.calls == 1
    assert ids(found.live) == ["D", "C", "B", "A"]
    assert ids(found.draft) == ["D", "A", "C", "B"]
    assert found.note == ""


async def test_without_a_model_the_order_is_opensearchs_and_says_so() -> None:
    found = await previewed(relevance=Reversed("scorer_unavailable"))
    assert "scorer_unavailable" in found.note


async def test_nothing_is_found() -> None:
    found = await previewed(found=[])
    assert found.note == "nothing is found"


async def test_rules_hold_for_whom_they_are_meant() -> None:
    draft = "[{id: vip, when: {segment: vip}, then: [{pin: {id: D, position: 1}}]}]"
    assert not (await previewed(None, draft)).changed
    assert (await previewed(None, draft, who=Who(segments=("vip",)))).changed


class Reading(HTMLParser):
    """Checks that what opens is closed, and collects."""

    VOID = frozenset(("meta", "img", "path", "br", "link"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> Reading:
    reading = Reading()
    reading.feed(page)
    reading.close()
    assert reading.open == []
    return reading


def page_of(*found: QueryPreview, index: str = "shop") -> str:
    return html_page(Preview(index, "3@abc", "def", "2027-01-01", found))


async def test_the_page_holds_both_lists_and_lines_between_them() -> None:
    reading = read(page_of(await previewed()))
    rows = [attributes["class"] for tag, attributes in reading.tags if tag == "li" and "class" in attributes]
    assert rows == ["moved", "gone", "moved", "up", "down", "come", "come"]
    paths = [attributes for tag, attributes in reading.tags if tag == "path"]
    assert sorted(str(one["class"]) for one in paths) == ["come", "come", "down", "gone", "up"]
    rising = next(one for one in paths if one["class"] == "up")
    assert str(rising["d"]).startswith(f"M0 {2 * ROW + ROW // 2}C")
    assert str(rising["d"]).endswith(f" {ROW // 2}")
    text = " ".join(reading.text)
    for words in ("pinned · pin-d", "brought in", "hidden", "▲ 2", "1 of 1", "Newly hidden (1):"):
        assert words in text


NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "javascript:alert(1)",
    "\ud800 half a pair \x00",
]


@pytest.mark.parametrize("nasty", NASTY)
async def test_nothing_in_it_is_more_than_text(nasty: str) -> None:
    found = candidates(brand=[nasty], price=[nasty], image=[nasty])
    for place, candidate in enumerate(found):
        candidate.id = f"{nasty}{place}"
    rule = {"id": "pin", "then": [{"pin": {"id": f"{nasty}3", "position": 1}}]}
    run = PreviewRun(
        Reversed(),
        None,
        compile_rules(RuleSet.of([Rule.model_validate(rule)]) if "\ud800" not in nasty else RuleSet(), "x"),
        "default",
        PROFILE,
        10,
    )
    made = await run.preview(nasty, found, "shop", None, Who(), lambda ids: {})
    reading = read(page_of(made, index=nasty))
    assert {tag for tag, _ in reading.tags}.isdisjoint({"script", "iframe", "object", "link", "base"})
    for tag, attributes in reading.tags:
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "img":
            assert str(attributes["src"]).startswith(("https://", "http://", "data:image/"))


async def test_pictures_are_shown_where_documents_have_one() -> None:
    found = candidates(image=['https://shop.example/a.jpg?x=1&y="2'])
    reading = read(page_of(await previewed(found=found)))
    pictures = [attributes for tag, attributes in reading.tags if tag == "img"]
    assert pictures
    assert pictures[0]["src"] == 'https://shop.example/a.jpg?x=1&y="2'
    assert pictures[0]["loading"] == "lazy"


@pytest.mark.parametrize(
    "image", ["javascript:alert(1)", "data:text/html,x", "data:image/svg+xml,x", "file:///x", ""]
)
async def test_other_addresses_are_no_pictures(image: str) -> None:
    reading = read(page_of(await previewed(found=candidates(image=[image]))))
    assert not [tag for tag, _ in reading.tags if tag == "img"]


async def test_the_page_allows_no_script_and_fetches_nothing_but_pictures() -> None:
    page = page_of(await previewed())
    assert "default-src 'none'".replace("'", "&#x27;") in page
    assert not re.search(r"url\(|@import|<link|<script|src=\"(?!https?:|data:)", page)


@pytest.mark.parametrize("window", [380, 800, 801])
async def test_both_lists_are_in_the_window(window: int, tmp_path: Path) -> None:
    found = widths(tmp_path, page_of(await previewed()), ".side, .side h3, .side li, .side .move", window)
    assert found.page <= window
    assert found.ends and max(found.ends) <= window


async def test_no_changes_are_said_in_words() -> None:
    text = " ".join(read(page_of(await previewed(DRAFT, DRAFT, query="boots"))).text)
    assert "No list changes" in text
    assert "boots" in text


CATEGORY_PAGE = "[{when: {browse: true, filter: {category: Shoes}}, id: page, then: [{hide: {ids: [A]}}]}]"


async def test_a_category_page_is_previewed_in_the_first_stages_order() -> None:
    relevance = Reversed()
    who = Who(filters=[FieldFilter("category", ("Shoes",))])
    found = await previewed(None, CATEGORY_PAGE, relevance, who=who, query="")
    assert ids(found.live) == ["A", "B", "C", "D"]
    assert ids(found.draft) == ["B", "C", "D"]
    assert relevance.calls == 0
    assert (found.title, found.note, who.told()) == ("(no words)", "", "category: Shoes")
    elsewhere = await previewed(None, CATEGORY_PAGE, relevance, query="")
    assert not elsewhere.changed
