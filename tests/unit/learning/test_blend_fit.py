"""Fitting finds what orders the hits, and is judged on queries that it has not seen."""

import numpy as np
import pytest

from sidecar.learning.blend_fit import FittedBlend, Recipe, cross_validated, fit_blend, without
from sidecar.learning.example import Example, gains_of
from sidecar.learning.lever import DEFAULT, LEVERS, UNPAID, shares
from sidecar.learning.pairwise import fit_weights
from tests.unit.learning.made import NOISE, USEFUL, examples

FIRST = Recipe([*USEFUL, NOISE], 0, 1.0)
BOTH = Recipe([*USEFUL, NOISE, "pair"], 10, 1.0)


def test_what_helps_gets_weight_and_noise_gets_none() -> None:
    fitted = fit_blend(examples(), FIRST)
    assert min(fitted.first.get(name, 0) for name in USEFUL) > 5 * fitted.first.get(NOISE, 0)
    assert not fitted.final


def test_weights_are_never_negative() -> None:
    backwards = [
        Example(
            one.query,
            {"similarity": -one.columns["similarity"], NOISE: one.columns[NOISE]},
            one.pairs,
            one.gains,
            one.ideal,
        )
        for one in examples()
    ]
    assert fit_blend(backwards, Recipe(["similarity", NOISE], 0, 1.0)).first.get("similarity", 0) == 0


def test_fitting_beats_one_feature_on_queries_held_out() -> None:
    made = examples()
    alone = np.mean([one.ndcg(np.argsort(-one.columns["similarity"])) for one in made])
    assert cross_validated(made, FIRST, seeds=1).mean() > alone


def test_the_cross_encoder_adds_to_it_where_it_knows_more() -> None:
    made = examples(noise=1.0)
    assert cross_validated(made, BOTH, seeds=1).mean() > cross_validated(made, FIRST, seeds=1).mean()


def test_only_the_best_are_reordered_and_unread_ones_keep_their_places() -> None:
    columns = {"similarity": np.array([4.0, 3.0, 2.0, 1.0])}
    pairs = np.array([0.0, np.nan, 9.0, 99.0])
    example = Example("q", columns, pairs, np.zeros(4), np.zeros(4))  # type: ignore[arg-type]
    blend = FittedBlend({"similarity": 1}, {"pair": 1}, pairs=3)
    assert blend.order(example).tolist() == [2, 1, 0, 3]


def test_the_same_examples_give_the_same_weights() -> None:
    assert fit_blend(examples(), BOTH) == fit_blend(examples(), BOTH)


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(ValueError, match="better and a worse"):
        fit_weights([np.ones((3, 2))], [np.zeros(3)], 1.0)


def test_ndcg_counts_what_was_not_found() -> None:
    gains, ideal = gains_of(["a", "b", "x"], {"a": "S", "b": "E", "c": "E"})
    assert gains.tolist() == [0.1, 1.0, 0.0]
    example = Example("q", {"similarity": np.zeros(3)}, np.zeros(3), gains, ideal)
    discount = 1 / np.log2([2, 3, 4])
    best = 1 * discount[0] + 1 * discount[1] + 0.1 * discount[2]
    assert example.ndcg([1, 0, 2]) == pytest.approx((1 + 0.1 * discount[1]) / best)
    assert Example("q", {"similarity": np.zeros(1)}, np.zeros(1), np.zeros(1), np.zeros(1)).ndcg([0]) == 0


def test_levers_cover_all_features_but_the_first_stage() -> None:
    covered = [name for names in LEVERS.values() for name in names]
    assert len(covered) == len(set(covered))
    assert {*DEFAULT, *UNPAID} - {*covered} == {"first_stage"}


def test_a_lever_that_helps_is_worth_something() -> None:
    made = examples()
    whole = cross_validated(made, FIRST, seeds=1)
    found = {one.lever: one for one in shares(made, FIRST, whole, seeds=1)}
    assert found["vectors: query and hit"].used
    assert found["vectors: query and hit"].comparison.delta > 0
    assert "cross-encoder" not in found, "it was not asked"
    assert not found["what is not wanted"].used


def test_without_leaves_features_out() -> None:
    assert without(BOTH, ["pair"]).features == [*USEFUL, NOISE]
