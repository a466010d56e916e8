"""Two opinions made one score."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sidecar.config.profile import RelevanceWeights
from sidecar.ranking.relevance.blend import blend, standardised

HALF = RelevanceWeights()

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
falling = st.lists(finite, min_size=1, max_size=60).map(lambda values: sorted(values, reverse=True))


@given(st.lists(finite, max_size=60))
def test_standardised_values_are_finite_and_keep_the_order(values: list[float]) -> None:
    found = standardised(np.array(values))
    assert np.isfinite(found).all()
    order = np.argsort(values, kind="stable")
    assert (np.diff(found[order]) >= 0).all()


def test_standardised_values_have_mean_0_and_deviation_1() -> None:
    found = standardised(np.array([3.0, 1.0, 8.0]))
    assert abs(found.mean()) < 1e-12
    assert abs(found.std() - 1) < 1e-12


def test_equal_values_say_nothing() -> None:
    assert standardised(np.full(7, 0.1)).tolist() == [0.0] * 7


def test_the_weights_share_out_the_decision() -> None:
    model, first = np.array([0.0, 1.0]), np.array([2.0, 1.0])
    assert blend(model, first, RelevanceWeights(model=1, first_stage=0)).order.tolist() == [1, 0]
    assert blend(model, first, RelevanceWeights(model=0, first_stage=1)).order.tolist() == [0, 1]
    assert blend(model, first, HALF).order.tolist() == [0, 1]  # a tie keeps the first stage's order


def test_below_a_best_first_slice_the_others_keep_their_order() -> None:
    only_model = RelevanceWeights(model=1, first_stage=0)
    mixed = blend(np.array([0.1, 0.9, np.nan, np.nan]), np.array([4.0, 3.0, 2.0, 1.0]), only_model)
    assert mixed.order.tolist() == [1, 0, 2, 3]
    assert mixed.scores[1] >= mixed.scores[2] > mixed.scores[3]


def test_scattered_scores_pass_no_hit_that_was_not_scored() -> None:
    only_model = RelevanceWeights(model=1, first_stage=0)
    mixed = blend(np.array([np.nan, 0.1, np.nan, 0.9]), np.array([4.0, 3.0, 2.0, 1.0]), only_model)
    assert mixed.order.tolist() == [0, 3, 2, 1]


@given(falling, st.data())
def test_every_place_once_and_scores_never_increase(first: list[float], data: st.DataObject) -> None:
    score = st.one_of(st.just(float("nan")), finite)
    model = np.array(data.draw(st.lists(score, min_size=len(first), max_size=len(first))))
    weights = data.draw(st.sampled_from([HALF, RelevanceWeights(model=1, first_stage=0)]))
    mixed = blend(model, np.array(first), weights)
    assert sorted(mixed.order.tolist()) == list(range(len(first)))
    assert np.isfinite(mixed.scores).all()
    assert (np.diff(mixed.scores) <= 0).all()
    scored = ~np.isnan(mixed.model_part)
    np.testing.assert_allclose((mixed.model_part + mixed.first_stage_part)[scored], mixed.scores[scored])
    unscored = np.flatnonzero(np.isnan(model))
    assert mixed.order[unscored].tolist() == unscored.tolist()


@given(falling, st.sampled_from([(0.5, 0.5), (1.0, 0.0), (0.0, 1.0), (0.3, 0.9)]))
def test_a_model_that_agrees_changes_nothing(first: list[float], weights: tuple[float, float]) -> None:
    agreeing = np.arange(len(first), 0, -1.0)
    shares = RelevanceWeights(model=weights[0], first_stage=weights[1])
    assert blend(agreeing, np.array(first), shares).order.tolist() == list(range(len(first)))
