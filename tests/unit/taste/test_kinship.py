"""Values that the same shoppers like: found from clicks, and worth something for a value never met."""

import numpy as np
import pytest

from sidecar.config.kinship import Kinship
from sidecar.config.personalization import Attribute, Gate, Personalization
from sidecar.taste.choices import ChoiceGatherer
from sidecar.taste.codec import MOST_BYTES, decode, encode
from sidecar.taste.design import design_of
from sidecar.taste.keys import attribute_key
from sidecar.taste.kinship import kinship_keys, kinship_of
from sidecar.taste.relate import relate
from sidecar.taste.score import residuals
from sidecar.taste.state import Taste
from sidecar.taste.update import update
from tests.fixtures.taste_lists import NOW, event, served_list

KEYS = {name: attribute_key("brand", name) for name in ("acme", "bolt", "core", "dune")}
ALIKE = Kinship(
    vectors={KEYS["acme"]: [1.0, 0.0], KEYS["bolt"]: [1.0, 0.1], KEYS["core"]: [-1.0, 0.0]},
)
SETTINGS = Personalization(
    attributes={"brand": Attribute(field="brand")}, slopes={}, gate=Gate(evidence=False), kinship=ALIKE
)


def test_a_hit_has_the_sum_of_its_values_vectors() -> None:
    keys = np.array([[KEYS["acme"], KEYS["bolt"]], [KEYS["dune"], 0], [0, KEYS["core"]]], np.uint32)
    assert np.allclose(kinship_of(keys, ALIKE), [[2.0, 0.1], [0.0, 0.0], [-1.0, 0.0]])
    assert kinship_of(np.zeros((0, 2), np.uint32), ALIKE).shape == (0, 2)


def test_the_design_has_the_dimensions_last() -> None:
    design = design_of(served_list(["acme", ""]).traits, ALIKE)
    assert list(design.names) == ["brand", "kinship", "kinship.2"]
    assert design.kinds[1] == design.kinds[2] != design.kinds[0]
    assert np.allclose(design.values, [[1, 1, 0], [0, 0, 0]])


def test_a_brand_never_met_profits_from_its_like() -> None:
    taste, learned, asked = (
        Taste.empty(NOW),
        served_list(["acme", "", ""]),
        served_list(["bolt", ""]),
    )
    update(taste, event(0), {learned.query: learned}, SETTINGS, NOW)
    found = residuals(taste, asked.traits, np.zeros(2), 0.0, SETTINGS, NOW, 1.0)
    assert found.values[0] > found.values[1]
    assert found.names == ("brand", "kinship")
    assert np.allclose(found.parts.sum(axis=1), found.values)
    without = SETTINGS.model_copy(update={"kinship": None})
    plain = residuals(taste, asked.traits, np.zeros(2), 0.0, without, NOW, 1.0)
    assert not plain.values.any()


def test_a_new_fit_begins_at_nothing() -> None:
    other = Kinship(vectors={KEYS["acme"]: [0.0, 1.0]})
    assert set(kinship_keys(other)).isdisjoint(kinship_keys(ALIKE))
    assert kinship_keys(ALIKE) == kinship_keys(Kinship(vectors=dict(reversed(ALIKE.vectors.items()))))


def test_a_profile_with_it_stays_small() -> None:
    taste, served = Taste.empty(NOW), served_list(["acme", "bolt", "core"])
    for number in range(3):
        update(taste, event(number), {served.query: served}, SETTINGS, NOW)
    content = encode(taste)
    assert len(content) <= MOST_BYTES
    assert np.array_equal(decode(content).keys, taste.keys)


def gathered(shoppers: int, random: np.random.Generator) -> ChoiceGatherer:
    """Half of the shoppers click acme and bolt, the others core and dune."""
    gatherer = ChoiceGatherer(SETTINGS, ["brand"])
    for person in range(shoppers):
        liked = {"acme", "bolt"} if person % 2 else {"core", "dune"}
        for search in range(6):
            brands = random.permutation(sorted(KEYS) * 2).tolist()
            wanted = [place for place, brand in enumerate(brands) if brand in liked]
            served = served_list(brands, query=search)
            gatherer.add(person.to_bytes(4), served, [int(random.choice(wanted))])
    return gatherer


def test_what_the_same_shoppers_click_becomes_alike() -> None:
    done: list[float] = []
    choices = gathered(60, np.random.default_rng(1)).choices(fewest=5, most=100)
    found = relate(choices, 2, done.append)
    assert found.shoppers == 60
    assert found.clicks == 360
    assert done == sorted(done)
    assert done[-1] == 1
    vectors = {name: np.array(found.vectors[key]) for name, key in KEYS.items()}
    assert vectors["acme"] @ vectors["bolt"] > 0 > vectors["acme"] @ vectors["core"]
    assert vectors["core"] @ vectors["dune"] > 0 > vectors["bolt"] @ vectors["dune"]
    assert np.isfinite(list(vectors.values())).all()


def test_what_few_clicked_stays_out() -> None:
    gatherer = gathered(10, np.random.default_rng(1))
    gatherer.add(b"one", served_list(["rare", "acme"]), [0])
    choices = gatherer.choices(fewest=2, most=100)
    assert attribute_key("brand", "rare") not in choices.keys
    assert len(gatherer.choices(fewest=2, most=3).keys) == 3
    assert (choices.values <= len(choices.keys)).all()


def test_no_clicks_are_told() -> None:
    choices = ChoiceGatherer(SETTINGS, ["brand"]).choices(fewest=2, most=10)
    with pytest.raises(ValueError, match="enough shoppers"):
        relate(choices, 2)
