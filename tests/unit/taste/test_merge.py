"""On login, what the client learned joins what the user's profile holds."""

import numpy as np
import pytest

from sidecar.config.personalization import Personalization
from sidecar.taste.keys import attribute_key
from sidecar.taste.merge import merged
from sidecar.taste.preferences import preferences
from sidecar.taste.state import MOST_KEYS, MOST_PAGES, MOST_RECENT, Taste
from sidecar.taste.update import Effect, update
from tests.fixtures.taste_lists import NOW, event, served_list

SETTINGS = Personalization()
SERVED = served_list(["acme", "bolt", "core"] * 2)


def after(*clicks, query: int = 1) -> Taste:
    taste = Taste.empty(NOW)
    served = served_list(["acme", "bolt", "core"] * 2, query=query)
    for place in clicks:
        update(taste, event(place, query=query), {served.query: served}, SETTINGS, NOW)
    return taste


def liking(taste: Taste, brand: str) -> float:
    return float(preferences(taste, np.array([attribute_key("brand", brand)]), NOW, SETTINGS)[0])


def test_an_empty_profile_changes_nothing() -> None:
    one = after(1)
    for result in (merged(one, Taste.empty(NOW), NOW), merged(Taste.empty(NOW), one, NOW)):
        assert liking(result, "bolt") == pytest.approx(liking(one, "bolt"), rel=0.05)
        assert result.learned == 1


def test_two_that_agree_are_surer() -> None:
    one, other = after(1), after(4, query=2)
    both = merged(one, other, NOW)
    key = int(np.searchsorted(both.keys, attribute_key("brand", "bolt")))
    assert both.long_information[key] > one.long_information[key]
    assert both.learned == 2
    assert liking(one, "bolt") < liking(both, "bolt") < 2.1 * liking(one, "bolt")


def test_neither_is_changed() -> None:
    one, other = after(1), after(2, query=2)
    before = one.copy(), other.copy()
    merged(one, other, NOW + 5)
    for taste, was in zip((one, other), before, strict=True):
        assert np.array_equal(taste.long_mean, was.long_mean)
        assert taste.recent == was.recent
        assert taste.updated == was.updated


def test_an_event_that_both_saw_is_still_known() -> None:
    both = merged(after(1), after(1), NOW)
    assert update(both, event(1), {SERVED.query: SERVED}, SETTINGS, NOW).effect is Effect.REPEATED
    assert len(both.recent) == 1


def test_the_bounds_hold() -> None:
    one, other = Taste.empty(NOW), Taste.empty(NOW)
    for number in range(40):
        for taste, letter in ((one, "a"), (other, "b")):
            served = served_list([f"{letter}{number}.{place}" for place in range(9)], query=number)
            clicked = event(3, query=number, time=NOW + number)
            update(taste, clicked, {served.query: served}, SETTINGS, NOW + number)
    both = merged(one, other, NOW + 100)
    assert len(both.keys) == MOST_KEYS
    assert len(both.recent) == MOST_RECENT
    assert len(both.pages) == MOST_PAGES
    assert np.all(both.keys[1:] > both.keys[:-1])
