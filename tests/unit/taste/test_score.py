"""What a taste adds to a list: bounded, explained, nothing for strangers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.config.personalization import Calibration, Gate, Personalization
from sidecar.taste.decay import DAY
from sidecar.taste.gate import query_share, shares
from sidecar.taste.keys import attribute_key, kind_key
from sidecar.taste.score import residuals
from sidecar.taste.state import Taste
from sidecar.taste.update import update
from tests.fixtures.taste_lists import NOW, event, served_list

SETTINGS = Personalization(calibration=Calibration(slope=2.0, intercept=-1.0))
BRANDS = ["acme", "bolt", "core", "", "bolt"]


def knowing(likes: dict[str, float], evidence: float = 8.0) -> Taste:
    means = {attribute_key("brand", brand): mean for brand, mean in likes.items()}
    taste = Taste.empty(NOW)
    taste.keys = np.array(sorted(means), np.uint32)
    taste.long_mean = np.array([means[key] for key in sorted(means)])
    taste.long_information = np.full(len(means), 50.0)
    taste.session_mean, taste.session_information = np.zeros(len(means)), np.zeros(len(means))
    taste.seen = np.full(len(means), NOW)
    taste.evidence = evidence
    return taste


def added(
    taste: Taste, strength: float = 1.0, specificity: float = 0.0, settings: Personalization = SETTINGS
):
    traits = served_list(BRANDS).traits
    relevance = np.array([2.0, 1.0, 0.5, 0.0, -1.0])
    return residuals(taste, traits, relevance, specificity, settings, NOW, strength)


def test_a_stranger_gets_exactly_the_relevance_order() -> None:
    found = added(Taste.empty(NOW))
    assert not found.values.any()
    assert not found.parts.any()
    assert np.array_equal(np.array([2.0, 1.0]) + found.values[:2], [2.0, 1.0])


def test_a_liked_brand_rises() -> None:
    found = added(knowing({"bolt": 1.0}))
    assert found.values.argmax() in (1, 4)
    assert found.values[1] == found.values[4] > 0 > found.values[0]


@given(st.floats(-8, 8), st.floats(-8, 8), st.floats(0, 1), st.floats(0, 1), st.floats(-3, 8))
def test_parts_add_up_and_the_bound_holds(acme, bolt, strength, specificity, evidence) -> None:
    found = added(knowing({"acme": acme, "bolt": bolt}, evidence), strength, specificity)
    total = found.parts.sum(axis=1)
    bound = strength * SETTINGS.clip / SETTINGS.calibration.slope
    assert found.bound == pytest.approx(bound)
    assert np.allclose(found.values, np.clip(total, -bound, bound))
    assert np.all(np.abs(found.values) <= bound)
    assert 0 <= found.gate <= 1


def test_half_the_strength_is_half_the_effect() -> None:
    whole, half = added(knowing({"bolt": 0.5})), added(knowing({"bolt": 0.5}), strength=0.5)
    assert np.allclose(half.values, whole.values / 2)


def test_no_hits() -> None:
    found = residuals(knowing({"bolt": 1.0}), served_list([]).traits, np.zeros(0), 0.0, SETTINGS, NOW, 1.0)
    assert len(found.values) == 0


def test_a_list_of_one_value_is_not_moved() -> None:
    traits = served_list(["bolt"] * 4).traits
    found = residuals(knowing({"bolt": 3.0}), traits, np.zeros(4), 0.0, SETTINGS, NOW, 1.0)
    assert np.allclose(found.values, 0.0)


def test_who_foretold_nothing_is_hardly_believed() -> None:
    settings, kinds = Gate(prior=0.5), [kind_key("brand"), kind_key("color")]
    assert shares(knowing({}, evidence=0.0), kinds, settings).tolist() == [0.5, 0.5]
    assert shares(knowing({}, evidence=-3.0), kinds, settings).max() < 0.05
    assert shares(knowing({}, evidence=-3.0), kinds, Gate(evidence=False)).tolist() == [1.0, 1.0]
    taste = knowing({}, evidence=0.0)
    taste.evidence_of = {kind_key("brand"): 6.0}
    brand, color = shares(taste, kinds, settings)
    assert brand > 0.99
    assert color == 0.5


def test_who_asks_for_one_product_gets_that() -> None:
    settings = Gate(broad=0.6, at_most_specific=0.2)
    assert query_share(0.6, settings) == 1.0
    assert query_share(0.8, settings) == pytest.approx(0.6)
    assert query_share(1.0, settings) == pytest.approx(0.2)


def test_a_click_changes_the_next_search() -> None:
    taste = Taste.empty(NOW)
    served = served_list(BRANDS)
    update(taste, event(1), {served.query: served}, SETTINGS, NOW)
    assert added(taste).values.argmax() in (1, 4)
    old = residuals(taste, served.traits, np.zeros(5), 0.0, SETTINGS, NOW + 300 * DAY, 1.0)
    assert np.abs(old.values).max() < 0.01
