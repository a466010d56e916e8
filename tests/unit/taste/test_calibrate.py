"""Fits find what made the clicks."""

import numpy as np

from sidecar.taste.calibrate import fit_calibration, fit_logit, grade_logits
from sidecar.taste.click_model import sigmoid

RANDOM = np.random.default_rng(5)


def test_the_logit_is_found_through_the_veil_of_positions() -> None:
    features = RANDOM.normal(size=(60_000, 2))
    chances = RANDOM.uniform(0.2, 1.0, len(features))
    clicked = RANDOM.random(len(features)) < chances * sigmoid(features @ [0.8, -0.4] - 1.0)
    found = fit_logit(features, chances, clicked.astype(float))
    assert np.allclose(found, [0.8, -0.4, -1.0], atol=0.08)


def test_a_calibration_follows_the_grades() -> None:
    grades = RANDOM.integers(0, 3, 30_000).astype(float)
    clicked = RANDOM.random(len(grades)) < sigmoid(-0.5 - 1.2 * grades)
    best, step = grade_logits(grades, np.ones(len(grades)), clicked.astype(float))
    assert np.allclose([best, step], [-0.5, -1.2], atol=0.1)
    scores = 2.0 - grades
    found = fit_calibration(scores, best + step * grades)
    assert np.isclose(found.slope, 1.2, atol=0.1)


def test_scores_that_do_not_differ_leave_the_slope() -> None:
    assert fit_calibration(np.ones(5), np.zeros(5)).slope == 1.0
