"""Each check tells of what it is for, and of nothing else."""

from typing import Any

import pytest

from sidecar.seo.audit import audit
from sidecar.seo.checks.available import unavailable_high_up
from sidecar.seo.checks.balance import over_represented
from sidecar.seo.checks.duplicates import duplicate_pages, duplicate_titles
from sidecar.seo.checks.fields import missing_fields
from sidecar.seo.checks.paging import paging_hints, seams
from sidecar.seo.checks.stability import unstable_order
from sidecar.seo.checks.thin import thin_pages
from sidecar.seo.checks.whole import not_whole
from sidecar.seo.crawled import Crawled
from tests.unit.seo.pages import LIMITS, NAMED, crawled, hit, hits, page, shop

COMPLETE = {
    "url": "https://shop.example/1",
    "image": "https://shop.example/1.jpg",
    "description": "Good.",
    "price": 5.0,
    "stock": 2,
    "rating": 4.0,
    "rating_count": 3,
}


def found(check: Any, *queries: Crawled, **structured: Any) -> list[tuple[str, str]]:
    return [(one.severity, one.check) for one in check(queries, shop(**structured), LIMITS)]


def test_a_good_page_has_no_findings() -> None:
    good = [hit(letter, **COMPLETE) for letter in "abcdef"]
    layout = {"pages": {"from": 0, "size": 6, "total": {"value": 6, "relation": "eq"}}}
    order = [one.id for one in good]
    query = crawled(pages=[page(*good, layout=layout)], whole=order, repeated=[order] * 3, strangers=[order])
    assert audit("shop", [query], shop(**NAMED), LIMITS).findings == []


def test_an_order_that_changes() -> None:
    query = crawled(*hits("abcd"), repeated=[list("abcd"), list("abdc")], strangers=[list("abc")])
    findings = list(unstable_order([query], shop(), LIMITS))
    assert [(one.severity, one.check) for one in findings] == [
        ("error", "unstable-order"),
        ("warning", "differs-for-strangers"),
    ]
    assert "2 places" in findings[0].reason and "3, 4" in findings[0].reason
    assert findings[0].share == 0.5


def test_hits_on_two_pages_and_on_none() -> None:
    query = crawled(pages=[page(*hits("ab")), page(*hits("bc"))], whole=list("abcd"))
    assert found(seams, query) == [("error", "on-two-pages"), ("error", "on-no-page")]
    assert found(seams, crawled(pages=[page(*hits("ab")), page(*hits("cd"))], whole=list("abcd"))) == []


@pytest.mark.parametrize(
    ("letters", "expected"),
    [("", [("error", "empty-page")]), ("abc", [("warning", "thin-page")]), ("abcd", [])],
)
def test_pages_with_little_on_them(letters: str, expected: list[tuple[str, str]]) -> None:
    assert found(thin_pages, crawled(*hits(letters))) == expected


def test_short_titles() -> None:
    assert found(thin_pages, crawled(*hits("abc"), hit("d", title="Shoe"))) == [("note", "short-title")]


def test_titles_that_are_equal_or_nearly() -> None:
    title = "Trail running shoe with a grippy sole and a wide toe"
    alike = crawled(hit("a", title=title), hit("b", title=title.upper()), hit("c", title=f"{title} red"))
    findings = list(duplicate_titles([alike], shop(), LIMITS))
    assert [(one.check, list(one.ids)) for one in findings] == [
        ("duplicate-title", ["b"]),
        ("similar-title", ["c"]),
    ]
    assert found(duplicate_titles, crawled(hit("a", title=""), hit("b", title=""))) == []
    assert found(duplicate_titles, crawled(hit("a", title="Red shoe"), hit("b", title="Red shoes"))) == []


def test_queries_with_the_same_page() -> None:
    one, other = crawled(*hits("abc"), query="shoe"), crawled(*hits("cab"), query="shoes")
    assert found(duplicate_pages, one, other, crawled(*hits("xyz"))) == [("warning", "duplicate-page")]
    assert found(duplicate_pages, crawled(query="x"), crawled(query="y")) == []


def test_a_brand_that_fills_a_page_unasked() -> None:
    acme = [hit(letter, brand="Acme") for letter in "abcd"]
    assert found(over_represented, crawled(*acme)) == [("warning", "one-brand")]
    assert found(over_represented, crawled(*acme, query="acme shoes")) == []
    assert found(over_represented, crawled(*acme[:3])) == []
    unknown = [hit(letter, brand="") for letter in "abcd"]
    assert found(over_represented, crawled(*unknown)) == []


def test_a_single_category_is_a_note() -> None:
    boots = [hit(letter, category="Boots") for letter in "abcd"]
    assert found(over_represented, crawled(*boots)) == [("note", "one-category")]
    assert found(over_represented, crawled(*boots, query="boot")) == []


def test_out_of_stock_high_up() -> None:
    gone = hit("x", stock=0)
    assert found(unavailable_high_up, crawled(*hits("ab"), gone, *hits("cd"))) == [
        ("warning", "out-of-stock")
    ]
    assert found(unavailable_high_up, crawled(*hits("abc"), gone)) == []
    assert found(unavailable_high_up, crawled(*hits("abcd"), gone, gone, gone)) == [
        ("warning", "out-of-stock")
    ]


def test_what_structured_data_lacks() -> None:
    bare = crawled(*[hit(letter) for letter in "ab"], hit("c", **COMPLETE))
    findings = list(missing_fields([bare], shop(**NAMED), LIMITS))
    by_reason = {one.reason.split("`")[1]: one for one in findings}
    assert by_reason["url"].severity == "error" and list(by_reason["url"].ids) == ["a", "b"]
    assert by_reason["image"].severity == "warning"
    assert by_reason["image"].share == pytest.approx(2 / 3)
    assert "name" not in by_reason and "brand" not in by_reason
    assert "`price`" in by_reason["offers"].fix


def test_a_profile_that_says_nothing_of_structured_data() -> None:
    findings = list(missing_fields([crawled(hit("a", **COMPLETE))], shop(), LIMITS))
    assert findings[0].check == "no-structured-data"
    assert any("set `structured_data.currency`" in one.fix for one in findings)
    assert list(missing_fields([crawled()], shop(), LIMITS)) == []


@pytest.mark.parametrize(
    ("named", "fields", "name", "reason", "fix"),
    [
        (
            {"currency": "currency"},
            {},
            "offers",
            "1 of 1 products have no recommended `offers`",
            "It is read from `price`, `currency`. No document has `currency`. Is that the right field?",
        ),
        ({"currency": "currency"}, {}, "offers.availability", None, None),
        (
            {"currency": "EUR"},
            {"stock": ""},
            "offers.availability",
            "1 of 1 products with `offers` have no recommended `offers.availability`",
            "It is read from `stock`. The documents have values there, and none that can be told.",
        ),
        (
            {"currency": ""},
            {},
            "offers",
            "1 of 1 products have no recommended `offers`",
            "It is read from `price`, nothing yet (set `structured_data.currency`).",
        ),
        (
            {"currency": "EUR"},
            {"price": -1},
            "offers",
            "1 of 1 products have no recommended `offers`",
            "It is read from `price`. The documents have values there, and none that can be told.",
        ),
    ],
    ids=["no currency", "availability of no offer", "no stock", "currency not set", "a wrong price"],
)
def test_what_really_lacks_is_told(
    named: dict[str, str], fields: dict[str, Any], name: str, reason: str | None, fix: str | None
) -> None:
    findings = missing_fields(
        [crawled(hit("a", **{**COMPLETE, **fields}))], shop(name="title", **named), LIMITS
    )
    told = {one.reason.split("`")[-2]: (one.reason, one.fix) for one in findings}
    assert told.get(name) == (None if reason is None else (reason, fix))


def test_hints_of_the_pages_around() -> None:
    first = {"pages": {"previous": {"from": 0}, "total": {"value": 2, "relation": "eq"}, "next": {"from": 2}}}
    reasons = [
        one.reason for one in paging_hints([crawled(pages=[page(*hits("ab"), layout=first)])], shop(), LIMITS)
    ]
    assert reasons == ["page 1: a page before the first is told", "page 1: a page after the last is told"]
    assert found(paging_hints, crawled(*hits("ab"))) == [("note", "no-paging-hints")]


def test_places_in_the_item_list_go_on_from_page_to_page() -> None:
    def listed(*places: int) -> dict[str, Any]:
        return {"pages": {}, "item_list": {"itemListElement": [{"position": place} for place in places]}}

    right = crawled(pages=[page(*hits("ab"), layout=listed(1, 2), total=9)])
    wrong = crawled(pages=[page(*hits("ab"), layout=listed(0, 1), total=9)])
    assert found(paging_hints, right) == []
    assert found(paging_hints, wrong) == [("error", "wrong-hints")]


def test_answers_that_were_not_ranked() -> None:
    late = crawled(pages=[page(*hits("ab"), incomplete="out_of_time")])
    assert found(not_whole, late, crawled(*hits("ab"))) == [("warning", "not-ranked")]
