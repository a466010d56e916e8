"""What events do to a profile: at once, once, and in any order."""

import numpy as np
import pytest

from sidecar.config.personalization import Personalization
from sidecar.domain.event import EventKind
from sidecar.taste.codec import decode, encode
from sidecar.taste.decay import DAY, MINUTE
from sidecar.taste.keys import attribute_key, slope_key
from sidecar.taste.preferences import preferences
from sidecar.taste.state import MOST_KEYS, MOST_PAGES, Taste
from sidecar.taste.update import Effect, needed, update
from tests.fixtures.taste_lists import NOW, event, query_key, served_list

SETTINGS = Personalization()
LATER = NOW + 10 * DAY


def taste() -> Taste:
    return Taste.empty(NOW)


def liking(profile: Taste, brand: str, now: float = NOW) -> float:
    return float(preferences(profile, np.array([attribute_key("brand", brand)]), now, SETTINGS)[0])


def lists(*served):
    return {one.query: one for one in served}


MIXED = served_list(["acme", "bolt", "core", "acme", "bolt", "core"])


def test_a_click_counts_at_once() -> None:
    profile = taste()
    learned = update(profile, event(1), lists(MIXED), SETTINGS, LATER)
    assert learned.effect is Effect.LEARNED
    assert liking(profile, "bolt") > 0.1
    assert liking(profile, "acme") < 0


def test_what_all_hits_share_says_nothing_of_the_shopper() -> None:
    profile = taste()
    update(profile, event(1), lists(served_list(["acme"] * 6)), SETTINGS, LATER)
    assert abs(liking(profile, "acme")) < 1e-9


def test_a_repeated_event_changes_nothing() -> None:
    profile = taste()
    update(profile, event(1), lists(MIXED), SETTINGS, LATER)
    before = profile.copy()
    assert update(profile, event(1), lists(MIXED), SETTINGS, LATER).effect is Effect.REPEATED
    assert np.array_equal(profile.long_mean, before.long_mean)
    assert len(profile.recent) == 1


def test_the_strongest_event_wins() -> None:
    one, two = taste(), taste()
    update(one, event(1, EventKind.PURCHASE), lists(MIXED), SETTINGS, LATER)
    late = update(one, event(1, EventKind.CLICK), lists(MIXED), SETTINGS, LATER)
    assert late.effect is Effect.WEAKER
    update(two, event(1, EventKind.CLICK), lists(MIXED), SETTINGS, LATER)
    only_click = liking(two, "bolt")
    update(two, event(1, EventKind.PURCHASE), lists(MIXED), SETTINGS, LATER)
    assert liking(two, "bolt") > only_click
    assert liking(two, "bolt") == pytest.approx(liking(one, "bolt"), rel=0.25)


def test_what_was_not_clicked_counts_when_the_page_closes() -> None:
    profile = taste()
    update(profile, event(1), lists(MIXED), SETTINGS, LATER)
    before = liking(profile, "acme")
    other = served_list(["zeta", "eta"], query=2)
    soon = update(
        profile, event(0, EventKind.IMPRESSION, query=2, time=NOW + 5), lists(MIXED, other), SETTINGS, LATER
    )
    assert soon.pages == 0
    late = update(
        profile, event(1, EventKind.IMPRESSION, query=2, time=NOW + 500), lists(MIXED, other), SETTINGS, LATER
    )
    assert (late.pages, late.skips) == (1, 5)
    assert liking(profile, "acme", NOW + 500) < before
    assert [page.query for page in profile.pages] == [query_key(2)]


def test_hits_on_pages_nobody_asked_for_were_not_seen() -> None:
    brands = [f"b{number}" for number in range(30)]
    closing = event(0, EventKind.IMPRESSION, query=2, time=NOW + 500)
    for clicked, size, skipped in ((1, 5, 4), (12, 5, 14), (1, 0, 9)):
        served = served_list(brands, page_size=size)
        profile = taste()
        update(profile, event(clicked), lists(served), SETTINGS, LATER)
        assert update(profile, closing, lists(served), SETTINGS, LATER).skips == skipped


def test_events_say_how_deep_the_shopper_looked() -> None:
    served = served_list([f"b{number}" for number in range(30)], page_size=5)
    profile = taste()
    update(profile, event(3, EventKind.IMPRESSION, position=18), lists(served), SETTINGS, LATER)
    closing = event(0, EventKind.IMPRESSION, query=2, time=NOW + 500)
    assert update(profile, closing, lists(served), SETTINGS, LATER).skips == 20


def test_an_unknown_list_or_hit_is_only_remembered() -> None:
    profile = taste()
    assert update(profile, event(1), {}, SETTINGS, LATER).effect is Effect.UNKNOWN_LIST
    assert update(profile, event(77), lists(MIXED), SETTINGS, LATER).effect is Effect.UNKNOWN_HIT
    other = event(1, EventKind.OTHER)
    assert update(profile, other, lists(MIXED), SETTINGS, LATER).effect is Effect.NOT_LEARNED_FROM
    assert (len(profile.keys), len(profile.recent)) == (0, 3)


def test_needed_names_the_event_s_list_and_those_of_open_pages() -> None:
    profile = taste()
    update(profile, event(1), lists(MIXED), SETTINGS, LATER)
    assert needed(profile, event(0, query=5)) == [query_key(5), query_key(1)]


def test_the_session_is_forgotten_long_before_the_rest() -> None:
    profile = taste()
    update(profile, event(1), lists(MIXED), SETTINGS, LATER)
    key = np.searchsorted(profile.keys, attribute_key("brand", "bolt"))
    long, session = profile.long_mean[key], profile.session_mean[key]
    later = liking(profile, "bolt", NOW + SETTINGS.session.half_life_minutes * MINUTE)
    assert later == pytest.approx(long * 0.5 ** (1 / 1440) + session / 2)
    assert liking(profile, "bolt", NOW + 30 * DAY) == pytest.approx(long / 2)


def test_late_and_future_events_do_not_turn_the_clock() -> None:
    profile = taste()
    update(profile, event(1, time=NOW + 5 * DAY), lists(MIXED), SETTINGS, NOW + DAY)
    assert profile.updated == NOW + DAY
    update(profile, event(2, time=NOW - DAY), lists(MIXED), SETTINGS, NOW + DAY)
    assert profile.updated == NOW + DAY
    assert profile.learned == 2


def test_a_slope_is_learned_like_a_brand() -> None:
    served = served_list([""] * 6, prices=[-1.5, -1, 0, 0, 1, 1.5])
    profile = taste()
    update(profile, event(5), lists(served), SETTINGS, LATER)
    assert preferences(profile, np.array([slope_key("price_level")]), NOW, SETTINGS)[0] > 0.1


def test_the_profile_keeps_what_most_is_known_of() -> None:
    profile = taste()
    for number in range(12):
        update(profile, event(1, query=1, time=NOW + number), lists(MIXED), SETTINGS, LATER)
    for number in range(2, 60):
        served = served_list(["bolt"] + [f"{number} {place}" for place in range(9)], query=number)
        update(profile, event(3, query=number, time=NOW + number), lists(served), SETTINGS, LATER)
    assert len(profile.keys) <= MOST_KEYS
    assert len(profile.pages) <= MOST_PAGES
    assert attribute_key("brand", "bolt") in profile.keys


def test_clicks_that_were_foretold_are_evidence() -> None:
    profile = taste()
    found = []
    for number in range(1, 9):
        served = served_list(["acme", "bolt", "core"] * 3, query=number)
        clicked = event(4, query=number, time=NOW + number)
        found.append(update(profile, clicked, lists(served), SETTINGS, LATER).evidence)
    assert found[0] == pytest.approx(0.0)
    assert found[-1] > 0.1
    assert profile.evidence > 0.3


@pytest.mark.parametrize("score", [-1e6, -50.0, 0.0, 50.0, 1e6])
def test_absurd_scores_leave_a_profile_that_can_be_read(score: float) -> None:
    served = served_list(["acme", "bolt", "core"], scores=[score + 2, score + 1, score])
    profile = taste()
    for number, kind in enumerate((EventKind.CLICK, EventKind.PURCHASE)):
        told = event(number, kind, time=NOW + number)
        update(profile, told, lists(served), SETTINGS, LATER)
    update(profile, event(0, EventKind.IMPRESSION, query=2, time=NOW + 500), lists(served), SETTINGS, LATER)
    assert np.isfinite(profile.long_mean).all()
    assert np.isfinite(profile.evidence)
    assert decode(encode(profile)).learned == 2
