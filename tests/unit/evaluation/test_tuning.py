"""Choosing BM25 settings: honest about what the choice is worth."""

import numpy as np
import pytest

from sidecar.evaluation.tuning import IN_USE, Tuning, cross_validated, settings_to_try
from sidecar.opensearch.query import TUNED_WEIGHTS, bm25_query


def test_a_setting_that_is_best_everywhere_keeps_its_value_held_out() -> None:
    values = np.vstack([np.full(40, 0.4), np.full(40, 0.6), np.full(40, 0.5)])
    assert cross_validated(values) == pytest.approx(0.6)


def test_choosing_among_noise_gains_nothing() -> None:
    values = np.random.default_rng(3).normal(0.5, 0.1, (200, 60))
    best = values.mean(axis=1).max()
    assert best > 0.52
    assert abs(cross_validated(values) - 0.5) < 0.02


def test_the_setting_in_use_is_among_those_tried() -> None:
    settings = settings_to_try()
    assert settings.count(IN_USE) == 1
    assert dict(IN_USE.weights) == dict(TUNED_WEIGHTS)
    tuning = Tuning(settings, np.zeros((len(settings), 5)), 0.0)
    assert tuning.behind_best(IN_USE) == (0.0, 0.0)
    assert tuning.to_json()["in_use"]["kind"] == "most_fields"


def test_a_weight_of_zero_leaves_the_field_out() -> None:
    query = bm25_query("x", {"title": 1.0, "brand": 0.0, "color": 0.08})
    assert query["multi_match"]["fields"] == ["title^1", "color^0.08"]
