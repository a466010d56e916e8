"""The gradients are those of the likelihood, and its curvature is never negative."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sidecar.taste.click_model import click_gradient, information, log_likelihood, sigmoid, skip_gradient

LOGITS = st.floats(-12, 12)
CHANCES = st.floats(0.01, 0.99)
STEP = 1e-5


def slope(logit: float, chance: float, clicked: float) -> float:
    above, below = (
        log_likelihood(np.array([logit + step]), np.array([chance]), np.array([clicked]))[0]
        for step in (STEP, -STEP)
    )
    return float(above - below) / (2 * STEP)


@given(LOGITS, CHANCES)
def test_the_gradient_of_a_click(logit: float, chance: float) -> None:
    assert np.isclose(click_gradient(np.array([logit]))[0], slope(logit, chance, 1.0), atol=1e-5)


@given(LOGITS, CHANCES)
def test_the_gradient_of_no_click(logit: float, chance: float) -> None:
    found = skip_gradient(np.array([logit]), np.array([chance]))[0]
    assert np.isclose(found, slope(logit, chance, 0.0), atol=1e-5)


@given(LOGITS, CHANCES)
def test_information_is_never_negative(logit: float, chance: float) -> None:
    assert information(np.array([logit]), np.array([chance]))[0] >= 0


def test_a_hit_that_was_hardly_seen_says_little() -> None:
    seen, hardly = skip_gradient(np.array([1.0, 1.0]), np.array([1.0, 0.05]))
    assert seen < hardly < 0


def test_sigmoid_does_not_overflow() -> None:
    assert sigmoid(np.array([-1e4, 0.0, 1e4])).tolist() == [0.0, 0.5, 1.0]
