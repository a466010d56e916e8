"""What personalization never does to a list, for any list."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sidecar.config.personalization import Guardrails
from sidecar.ranking.personalization.arrangement import arrange
from sidecar.ranking.personalization.exposure import greatest_share
from sidecar.ranking.personalization.floor import hits_above
from sidecar.ranking.personalization.rank_shift import order_within, reached
from sidecar.ranking.settling import settled

numbers = st.floats(-5, 5, width=32)


@st.composite
def lists(draw):  # type: ignore[no-untyped-def]
    count = draw(st.integers(0, 40))
    scores = np.sort(draw(arrays.arrays(np.float64, count, elements=numbers)))[::-1].copy()
    residuals = draw(arrays.arrays(np.float64, count, elements=st.floats(-1.5, 1.5, width=32)))
    keys = draw(arrays.arrays(np.uint32, (count, draw(st.integers(0, 2))), elements=st.integers(0, 4)))
    return scores, residuals, keys


guardrails = st.builds(
    Guardrails,
    floor=st.none() | numbers,
    floor_share=st.floats(0, 1),
    rank_shift=st.integers(0, 45),
    exposure_cap=st.floats(0, 1),
    exposure_first=st.integers(1, 20),
)


@given(lists(), guardrails)
def test_every_hit_once_scores_never_rise_and_all_guardrails_hold(asked, rails) -> None:  # type: ignore[no-untyped-def]
    scores, residuals, keys = asked
    found = arrange(scores, residuals, keys, rails)
    count = len(scores)
    assert sorted(found.order.tolist()) == list(range(count))
    assert not (np.diff(found.scores) > 0).any()
    assert np.isfinite(found.scores).all()
    places = np.empty(count, int)
    places[found.order] = np.arange(count)
    assert reached(found.order, rails.rank_shift)
    floor = rails.floor
    if floor is None and count:
        floor = scores[-1] + rails.floor_share * (scores[0] - scores[-1])
    for row in range(count):
        assert scores[row] >= floor or places[row] == row, "below the floor: nobody moves"
    first = min(rails.exposure_first, count)
    for column in keys.T:
        given_places, shown = Counter(column[:first].tolist()), Counter(column[found.order[:first]].tolist())
        for value, many in shown.items():
            assert not value or many <= max(given_places[value], int(rails.exposure_cap * first))


@given(lists(), guardrails)
def test_scores_are_wishes_and_what_the_guardrails_changed(asked, rails) -> None:  # type: ignore[no-untyped-def]
    scores, residuals, keys = asked
    found = arrange(scores, residuals, keys, rails, explain=True)
    assert found.held is not None
    by_row = np.empty(len(scores))
    by_row[found.order] = found.scores
    np.testing.assert_allclose(scores + residuals + found.held.sum(axis=0), by_row, atol=1e-12)


@given(lists(), guardrails)
def test_no_taste_is_exactly_the_relevance_order(asked, rails) -> None:  # type: ignore[no-untyped-def]
    scores, _, keys = asked
    found = arrange(scores, np.zeros(len(scores)), keys, rails)
    assert found.order.tolist() == list(range(len(scores)))
    assert found.scores.tolist() == scores.tolist()
    assert found.changed == (False, False, False)


@given(lists())
def test_wide_guardrails_are_a_sort(asked) -> None:  # type: ignore[no-untyped-def]
    scores, residuals, keys = asked
    wide = Guardrails(floor_share=0, rank_shift=1000, exposure_cap=1)
    found = arrange(scores, residuals, keys, wide)
    assert found.order.tolist() == np.argsort(-(scores + residuals), kind="stable").tolist()
    assert found.changed == (False, False, False)


def test_a_favourite_rises_as_far_as_it_may() -> None:
    wanted = np.array([5.0, 4, 3, 2, 9])
    assert order_within(wanted, np.maximum(np.arange(5) - 2, 0), 2).tolist() == [0, 1, 4, 2, 3]
    assert order_within(wanted, np.maximum(np.arange(5) - 4, 0), 4).tolist() == [4, 0, 1, 2, 3]


def test_what_nobody_likes_falls_as_far_as_it_may() -> None:
    wanted = np.array([-9.0, 4, 3, 2, 1])
    assert order_within(wanted, np.maximum(np.arange(5) - 2, 0), 2).tolist() == [1, 2, 0, 3, 4]


def test_the_floor_is_a_score_or_a_share_of_the_list() -> None:
    scores = np.array([3.0, 2, 1, 0, -1])
    assert hits_above(scores, Guardrails(floor=1.0)) == 3
    assert hits_above(scores, Guardrails(floor=9.0)) == 0
    assert hits_above(scores, Guardrails(floor_share=0.5)) == 3
    assert hits_above(scores, Guardrails(floor_share=0)) == 5
    assert hits_above(np.zeros(0), Guardrails()) == 0
    assert hits_above(np.ones(3), Guardrails()) == 3


def test_one_brand_does_not_fill_the_first_places() -> None:
    scores = np.linspace(1, 0.9, 10)
    keys = np.array([[1], [2], [3], [4], [7], [7], [7], [7], [7], [7]], np.uint32)
    residuals = np.where(keys[:, 0] == 7, 1.0, 0.0)
    capped = arrange(scores, residuals, keys, Guardrails(floor_share=0, exposure_cap=0.5, exposure_first=4))
    assert greatest_share(capped.order, keys[:, 0], 4) == 0.5
    free = arrange(scores, residuals, keys, Guardrails(floor_share=0, exposure_cap=1, exposure_first=4))
    assert greatest_share(free.order, keys[:, 0], 4) == 1


def test_a_brand_keeps_what_relevance_gave_it() -> None:
    scores = np.linspace(1, 0.9, 6)
    keys = np.array([[7], [7], [7], [1], [2], [3]], np.uint32)
    rails = Guardrails(floor_share=0, exposure_cap=0.3, exposure_first=3)
    found = arrange(scores, np.array([0.5, 0.5, 0.5, 0, 0, 0]), keys, rails)
    assert found.order.tolist() == [0, 1, 2, 3, 4, 5]


def test_scores_that_rise_are_pooled() -> None:
    assert settled(np.array([3.0, 1, 2, 0])).tolist() == [3, 1.5, 1.5, 0]
    falling = np.array([3.0, 3, 1])
    assert settled(falling) is falling
