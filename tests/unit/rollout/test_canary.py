"""The canary pairs: what is believed, and how two models are told apart."""

import numpy as np
import pytest

from sidecar.rollout.canary import QUERIES, TEXTS, canary_scores, compared
from sidecar.rollout.errors import RolloutError
from tests.fixtures.scorers import ScriptedScorer

SHAPE = (len(QUERIES), len(TEXTS))


async def test_every_pair_has_a_score() -> None:
    scorer = ScriptedScorer()
    assert (await canary_scores(scorer, dimensions=32)).shape == SHAPE
    assert len(scorer.embedded) == 1


async def test_a_model_that_says_the_same_of_everything_is_refused() -> None:
    scorer = ScriptedScorer()
    scorer.answer = lambda _, texts: [0.3] * len(texts)
    with pytest.raises(RolloutError, match="the same score"):
        await canary_scores(scorer)


async def test_vectors_of_another_width_are_refused() -> None:
    with pytest.raises(RolloutError, match="32 numbers; the manifest says 384"):
        await canary_scores(ScriptedScorer(), dimensions=384)


def test_the_same_scores_are_no_difference() -> None:
    scores = np.random.default_rng(0).normal(size=SHAPE)
    same = compared(scores, scores)
    assert (same.largest_difference, same.spearman, same.top10_overlap) == (0, pytest.approx(1), 1)


def test_differences_do_not_depend_on_the_scale() -> None:
    random = np.random.default_rng(0)
    scores, noise = random.normal(size=SHAPE), random.normal(size=SHAPE) * 0.01
    small, large = compared(scores, scores + noise), compared(100 * scores, 100 * (scores + noise))
    assert small.largest_difference == pytest.approx(large.largest_difference)
    assert small.largest_difference < 0.05
    turned = compared(scores, -scores)
    assert turned.spearman == pytest.approx(-1)
    assert turned.top10_overlap < 0.2
