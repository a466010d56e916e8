"""Preferences in a merchandiser's words."""

import pytest

from sidecar.config.personalization import Attribute, Personalization, Slope
from sidecar.domain.candidate import Candidate
from sidecar.ranking.personalization.wording import worded

SECTION = Personalization(
    attributes={
        "brand": Attribute(field="maker"),
        "category": Attribute(field="path", values=2),
        "price": Attribute(field="price", bands=1),
        "fine_price": Attribute(field="price", bands=2),
    },
    slopes={"price_level": Slope(field="price", form="log")},
)
HIT = Candidate("p", 1, 1.0, fields={"maker": ["Foxmoor"], "path": ["Home", "Sofas"], "price": [50.0]})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("brand", "brand: Foxmoor"),
        ("category", "category: Sofas"),
        ("category.2", "category: Home"),
        ("price", "price: 32 to 64"),
        ("fine_price", "fine_price: 45.25 to 64"),
        ("price_level", "price_level"),
        ("item_vector", "like what was looked at"),
    ],
)
def test_a_column_is_named_by_what_the_hit_has(name: str, words: str) -> None:
    assert worded(name, HIT, SECTION) == words


def test_what_a_hit_lacks_is_named_by_its_attribute() -> None:
    bare = Candidate("p", 1, 1.0, fields={"price": ["dear"]})
    assert [worded(name, bare, SECTION) for name in ("brand", "category.2", "price")] == [
        "brand",
        "category",
        "price",
    ]
