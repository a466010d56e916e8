"""What search engines read of a hit: true, complete where it can be, safe inside a page."""

import json
from typing import Any

import pytest

from sidecar.config.layout import StructuredData
from sidecar.domain.search import LayoutWish
from sidecar.ranking.layout.page.page_layout import page_layout
from sidecar.ranking.layout.page.product import product_of
from sidecar.ranking.layout.page.structured_data import described
from tests.unit.ranking.layout.page.facts import facts, hit, profile, search

NAMED = {"currency": "EUR", "group": "parent", "description": "description"}
WHOLE = {
    "title": "Trail shoe",
    "brand": "Acme",
    "url": "https://shop.example/p/1",
    "image": "https://shop.example/p/1.jpg",
    "price": 49.0,
    "stock": 3,
    "rating": 4.25,
    "rating_count": 12,
    "description": "Light and\n grippy.",
}


def product(named: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return product_of(hit(1, **fields), StructuredData.model_validate(named or NAMED))


def test_a_whole_product() -> None:
    assert product(**WHOLE) == {
        "@type": "Product",
        "productID": "P1",
        "name": "Trail shoe",
        "description": "Light and grippy.",
        "brand": {"@type": "Brand", "name": "Acme"},
        "url": "https://shop.example/p/1",
        "image": "https://shop.example/p/1.jpg",
        "offers": {
            "@type": "Offer",
            "price": 49,
            "priceCurrency": "EUR",
            "availability": "https://schema.org/InStock",
            "url": "https://shop.example/p/1",
        },
        "aggregateRating": {"@type": "AggregateRating", "ratingValue": 4.25, "ratingCount": 12},
    }


def test_nothing_is_null_or_empty() -> None:
    assert product() == {"@type": "Product", "productID": "P1"}
    assert product(title=["", "  "], brand=" ", price="on request") == {"@type": "Product", "productID": "P1"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "javascript:alert(1)"),
        ("url", "/relative"),
        ("url", "http://[broken"),
        ("image", "data:image/png;base64,AAAA"),
        ("price", -1.0),
        ("price", float("inf")),
        ("price", True),
        ("rating", 0.0),
        ("rating", 9.9),
        ("rating_count", 0),
    ],
)
def test_what_cannot_be_true_is_left_out(field: str, value: Any) -> None:
    missing = {"price": "offers", "rating": "aggregateRating", "rating_count": "aggregateRating"}
    assert missing.get(field, field) not in product(**{**WHOLE, field: value})


def test_an_offer_needs_a_currency() -> None:
    assert "offers" not in product({"currency": ""}, **WHOLE)
    assert product({"currency": "money"}, **WHOLE, money="chf")["offers"]["priceCurrency"] == "CHF"
    assert "offers" not in product({"currency": "money"}, **WHOLE, money="francs")


def test_availability_follows_the_stock() -> None:
    assert product(**{**WHOLE, "stock": 0})["offers"]["availability"] == "https://schema.org/OutOfStock"
    assert "availability" not in product(**{**WHOLE, "stock": "many"})["offers"]


def test_a_price_of_a_32_bit_field_is_told_as_it_was_meant() -> None:
    assert product(**{**WHOLE, "price": 19.989999771118164})["offers"]["price"] == 19.99


def test_a_description_is_told_without_its_markup() -> None:
    described_as = product(description="<p class='x'>Light &amp; grippy,</p><br/>below 200 < 300 g.")[
        "description"
    ]
    assert described_as == "Light & grippy, below 200 < 300 g."
    assert "description" not in product(description="<p></p>")


def test_variants_are_a_product_group() -> None:
    red, blue = hit(1, **WHOLE, parent="G", color="red"), hit(2, **WHOLE, parent="G", color="blue")
    (item,) = described(facts(red, variants={1: [blue]}), profile(**NAMED))
    group = json.loads(item)
    assert (group["@type"], group["productGroupID"], group["name"]) == ("ProductGroup", "G", "Trail shoe")
    assert group["variesBy"] == ["https://schema.org/color"]
    assert [kind["color"] for kind in group["hasVariant"]] == ["red", "blue"]
    assert "offers" not in group


def test_hits_collapsed_on_something_else_are_no_variants() -> None:
    one, other = hit(1, **WHOLE, parent="G"), hit(2, **WHOLE, parent="H")
    (item,) = described(facts(one, variants={1: [other]}), profile(**NAMED))
    assert json.loads(item)["@type"] == "Product"


def test_nothing_of_it_can_end_a_script() -> None:
    evil = hit(1, title="</script><script>alert(1)</script>", brand="<!-- & \u2028")
    (item,) = described(facts(evil), profile(**NAMED))
    assert not set("<>&\u2028") & set(item)
    assert json.loads(item)["name"] == "</script><script>alert(1)</script>"


def test_only_who_asks_is_told() -> None:
    known = facts(hit(1, **WHOLE))
    assert page_layout(search(LayoutWish(metadata=True)), profile(**NAMED), known).layout is None
    told = page_layout(search(LayoutWish(structured_data=True)), profile(**NAMED), known).layout
    assert told is not None and len(told.items) == 1 and told.json == ""
    # A profile that does not say where things stand: positions and ids only, which the plugin knows.
    assert page_layout(search(LayoutWish(structured_data=True)), profile(), known).layout is None
