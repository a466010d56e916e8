"""An interest among items' vectors: learned click by click, forgotten, merged, and never a stranger's."""

from dataclasses import replace

import numpy as np
import pytest

from sidecar.config.personalization import Gate, ItemVector, Personalization
from sidecar.domain.event import EventKind
from sidecar.taste.codec import decode, encode
from sidecar.taste.decay import DAY
from sidecar.taste.interest import LIKENESS, likeness
from sidecar.taste.merge import merged
from sidecar.taste.score import residuals
from sidecar.taste.served_list import ServedList
from sidecar.taste.state import KEYS_FOR_INTEREST, MOST_KEYS, Taste
from sidecar.taste.update import Effect, update
from sidecar.taste.vectors import read_vectors
from tests.fixtures.taste_lists import NOW, event, served_list

SETTINGS = Personalization(item_vector=ItemVector(field="image", dimensions=4), gate=Gate(evidence=False))
OFF = SETTINGS.model_copy(update={"item_vector": None})
ROUND, SQUARE, NEITHER = [1.0, 0.2, 0.0, 0.0], [0.0, 0.2, 1.0, 0.0], [0.3, 1.0, 0.3, 0.0]
SHAPES = [ROUND, SQUARE, NEITHER, ROUND, SQUARE, NEITHER]


def seeing(query: int = 1, shapes=SHAPES, brands=None) -> ServedList:
    """Hits d0, d1, … that differ in their vectors, and in their brands where told."""
    plain = served_list(brands or ["acme"] * len(shapes), query=query)
    vectors = read_vectors("image", 4, [{"image": shape} for shape in shapes])
    return replace(plain, traits=replace(plain.traits, vectors=vectors))


def after(*clicks: int, kind: EventKind = EventKind.CLICK, settings=SETTINGS, query: int = 1) -> Taste:
    taste, served = Taste.empty(NOW), seeing(query)
    for place in clicks:
        update(taste, event(place, kind, query=query), {served.query: served}, settings, NOW)
    return taste


def added(taste: Taste, now: float = NOW, settings: Personalization = SETTINGS):
    served = seeing(query=9)
    return residuals(taste, served.traits, served.scores.astype(float), 0.0, settings, now, 1.0)


def test_one_click_lifts_what_is_like_it_where_no_attribute_tells_hits_apart() -> None:
    found = added(after(0))
    assert found.names[-1] == LIKENESS
    assert found.values[0] == found.values[3] > 0.05
    assert found.values[1] == found.values[4] < 0
    assert np.allclose(found.parts.sum(axis=1), found.values)


def test_a_stranger_gets_exactly_the_relevance_order() -> None:
    assert not added(Taste.empty(NOW)).parts.any()


def test_what_was_passed_over_counts_against_it() -> None:
    clicked, passed = after(3), after(3)
    served = seeing()
    nothing = event(0, query=2, time=NOW + 1000)
    update(passed, nothing, {served.query: served}, SETTINGS, NOW + 1000)
    vectors = served.traits.vectors
    assert vectors is not None
    before, later = likeness(clicked, vectors), likeness(passed, vectors)
    assert later[1] < before[1] < 0


def test_a_purchase_counts_more_than_a_look() -> None:
    looked, bought = after(0), after(0, kind=EventKind.PURCHASE)
    assert np.linalg.norm(bought.interest) > np.linalg.norm(looked.interest)


def test_off_nothing_is_learned_told_or_stored() -> None:
    taste = after(0, settings=OFF)
    assert not len(taste.interest)
    assert encode(taste)[0] == 1
    found = added(after(0), settings=OFF)
    assert LIKENESS not in found.names


def test_a_list_from_before_vectors_were_looked_at_teaches_the_rest() -> None:
    taste, plain = Taste.empty(NOW), served_list(["acme", "bolt"] * 3)
    assert update(taste, event(1), {plain.query: plain}, SETTINGS, NOW).effect is Effect.LEARNED
    assert not len(taste.interest)
    assert len(taste.keys)


def test_it_is_forgotten_as_preferences_are() -> None:
    taste = after(0)
    now, later = added(taste).values, added(taste, NOW + 30 * DAY).values
    assert np.allclose(later, now / 2)


def test_an_interest_in_other_vectors_says_nothing_and_begins_anew() -> None:
    taste = after(0)
    taste.interest = np.ones(7)
    assert not added(taste).parts[:, -1].any()
    served = seeing(query=2)
    update(taste, event(1, query=2), {served.query: served}, SETTINGS, NOW)
    assert len(taste.interest) == 4


def test_it_is_kept_in_the_profile() -> None:
    taste = after(0)
    read = decode(encode(taste))
    assert np.allclose(read.interest, taste.interest, rtol=1e-3)
    assert np.allclose(added(read).values, added(taste).values, rtol=1e-2)


def test_on_login_two_interests_become_one() -> None:
    one, other = after(0), after(3, query=2)
    both = merged(one, other, NOW, SETTINGS)
    assert both.interest_information == pytest.approx(one.interest_information + other.interest_information)
    assert np.allclose(merged(one, Taste.empty(NOW), NOW, SETTINGS).interest, one.interest)
    for empty_first in (merged(Taste.empty(NOW), one, NOW, SETTINGS), both):
        assert added(empty_first).values[0] > 0
    assert np.linalg.norm(both.interest) > 0.9 * np.linalg.norm(one.interest)


def test_preferences_make_room_for_it() -> None:
    taste = Taste.empty(NOW)
    for number in range(MOST_KEYS):
        served = seeing(number, brands=[f"b{number}", *(["acme"] * 5)])
        update(taste, event(0, query=number), {served.query: served}, SETTINGS, NOW)
    assert len(taste.keys) == MOST_KEYS - KEYS_FOR_INTEREST
    assert len(decode(encode(taste)).keys) == len(taste.keys)


def test_evidence_says_how_far_it_counts() -> None:
    believing = SETTINGS.model_copy(update={"gate": Gate()})
    taste = Taste.empty(NOW)
    for number in range(6):
        served = seeing(number)
        update(taste, event(0 if number % 2 else 3, query=number), {served.query: served}, believing, NOW)
    assert added(taste, settings=believing).gate > 0.5
    steady = added(taste, settings=believing).values[0]
    for number in range(6, 12):  # and then whatever is not like it
        served = seeing(number)
        update(taste, event(1, query=number), {served.query: served}, believing, NOW)
    assert added(taste, settings=believing).values[0] < steady
