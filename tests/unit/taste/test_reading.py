"""Documents as the plugin sends them become traits; what is odd says nothing."""

import numpy as np

from sidecar.config.personalization import Attribute, Personalization, Slope
from sidecar.taste.keys import attribute_key
from sidecar.taste.reading import TraitReader, price_band

SETTINGS = Personalization(
    attributes={
        "brand": Attribute(field="brand"),
        "category": Attribute(field="category", values=2),
        "price_band": Attribute(field="price", bands=1),
    },
    slopes={
        "price_level": Slope(field="price", form="log"),
        "novelty": Slope(field="released", form="date"),
    },
)
DOCUMENTS = [
    {"brand": ["Acme "], "category": ["Fashion", "Shoes"], "price": [20.0], "released": ["2025-01-01"]},
    {"brand": ["ACME"], "category": ["Shoes"], "price": [80.0], "released": [1_735_689_600_000]},
    {"brand": [""], "price": ["much"], "released": ["2099-01-01T00:00:00Z"]},
    {"brand": [], "category": [], "price": [-1.0], "released": [True]},
    {},
]


def test_attributes_become_keys() -> None:
    traits = TraitReader(SETTINGS).read(DOCUMENTS, now=1.79e9)
    assert list(traits.attributes) == ["brand", "category", "category.2", "price_band"]
    acme, shoes = attribute_key("brand", "acme"), attribute_key("category", "shoes")
    assert traits.keys[:, 0].tolist() == [acme, acme, 0, 0, 0]
    assert traits.keys[:, 1].tolist() == [shoes, shoes, 0, 0, 0]
    assert traits.keys[:, 2].tolist() == [attribute_key("category", "fashion"), 0, 0, 0, 0]
    assert traits.keys[:, 3].tolist() == [
        attribute_key("price_band", "band 4"),
        attribute_key("price_band", "band 6"),
        0,
        0,
        0,
    ]


def test_slopes_are_standardised_and_unknown_ones_are_0() -> None:
    traits = TraitReader(SETTINGS).read(DOCUMENTS, now=1.79e9)
    assert np.allclose(traits.numbers[:, 0], [-1, 1, 0, 0, 0])
    assert not traits.numbers[:, 1].any()  # both dates are the same day
    assert traits.numbers.dtype == np.float32


def test_the_same_word_in_two_attributes_has_two_keys() -> None:
    assert attribute_key("brand", "orange") != attribute_key("color", "orange")


def test_a_price_is_compared_with_its_peers() -> None:
    settings = Personalization(
        attributes={}, slopes={"level": Slope(field="price", form="log", within="kind")}
    )
    documents = [
        {"price": [100.0], "kind": ["phone"]},
        {"price": [400.0], "kind": ["phone"]},
        {"price": [5.0], "kind": ["case"]},
        {"price": [20.0], "kind": ["case"]},
        {"price": [7.0], "kind": ["cable"]},
    ]
    level = TraitReader(settings).read(documents, now=0.0).numbers[:, 0]
    assert np.allclose(level, [-1, 1, -1, 1, 0])


def test_no_hits() -> None:
    traits = TraitReader(SETTINGS).read([], now=0.0)
    assert traits.keys.shape == (0, 4)
    assert traits.numbers.shape == (0, 2)


def test_bands_double() -> None:
    assert [price_band(amount, 1) for amount in (16, 31.9, 32, 0, "x")] == [4, 4, 5, None, None]
