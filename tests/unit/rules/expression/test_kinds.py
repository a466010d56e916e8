"""Expressions against what an index says of its fields."""

import pytest

from sidecar.rules.expression.kinds import check_kinds, fields_of
from sidecar.rules.expression.node import FieldKind
from sidecar.rules.expression.parser import parse

MAPPING: dict[str, FieldKind] = {
    "brand": "text",
    "title": "text",
    "price": "number",
    "millis": "number",
    "released": "date",
    "in_stock": "flag",
}


def test_what_fields_are_taken_for() -> None:
    node = parse(
        "brand == 'a' and days_since(released) < 3 and exists(x) and price > 1 and price == 'a' and f"
    )
    assert fields_of(node) == {
        "brand": {"text"},
        "released": {"date"},
        "x": set(),
        "price": {"number", "text"},
        "f": {"flag"},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("brand == 'a' and price < 3 and exists(title) and in_stock", []),
        ("days_since(millis) < 3", []),
        ("price == 'a'", ["`price` is a number in the index, and is taken for a text here"]),
        ("brand > 3", ["`brand` is a text in the index, and is taken for a number here"]),
        ("days_since(brand) > 3", ["`brand` is a text in the index, and is taken for a date here"]),
        ("brandt == 'a'", ["no field `brandt` that a rule can read. Did you mean `brand`?"]),
        ("brand.keyword == 'a'", ["Did you mean `brand`?"]),
        ("brand == Nike", ["A text stands in quotes: 'Nike'."]),
        ("price == null", ["can read. `exists(field)` asks whether a field has a value."]),
        ("in_stock == True", ["can read. Write `true` in small letters."]),
        ("released > now - 2w", ["can read. The time is `now()`."]),
        ("brand == price", ["they are never equal"]),
        ("price > 1 or price == 'x' or price == 'y'", ["taken for a text"]),
    ],
)
def test_what_is_wrong(text: str, said: list[str]) -> None:
    found = check_kinds(parse(text), MAPPING)
    assert len(found) == len(said)
    for sentence, part in zip(found, said, strict=True):
        assert part in sentence
