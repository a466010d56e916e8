"""FTRL-proximal against a case by hand, against itself in parts, and against river where it is installed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.feedback.ftrl import Rate, step, weights


def test_the_first_steps_by_hand() -> None:
    rate = Rate(alpha=0.1, beta=1.0, l1=0.5, l2=1.0)
    z, n = np.zeros(1), np.zeros(1)
    added_z, added_n = step(z, n, np.array([2.0]), rate)
    # w = 0, so z = g; n = g² = 4
    assert (added_z[0], added_n[0]) == (2.0, 4.0)
    z, n = z + added_z, n + added_n
    # w = −(2 − 0.5) / ((1 + 2) / 0.1 + 1)
    assert weights(z, n, rate)[0] == pytest.approx(-1.5 / 31)
    added_z, added_n = step(z, n, np.array([-1.0]), rate)
    sigma = (math.sqrt(5) - 2) / 0.1
    assert added_z[0] == pytest.approx(-1 + sigma * 1.5 / 31)
    assert added_n[0] == 1


def test_weak_coordinates_stay_at_zero() -> None:
    assert weights(np.array([0.4, -0.4, 0.6]), np.ones(3), Rate(l1=0.5)).nonzero()[0].tolist() == [2]


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=3), min_size=1, max_size=30))
def test_coordinates_do_not_touch_each_other(gradients) -> None:
    rate = Rate(l1=0.1)

    def run(columns):
        z, n = np.zeros(len(columns)), np.zeros(len(columns))
        for gradient in gradients:
            more_z, more_n = step(z, n, np.array(gradient)[columns], rate)
            z, n = z + more_z, n + more_n
        return weights(z, n, rate)

    np.testing.assert_allclose(run([0, 1, 2])[[2]], run([2]))


def test_it_finds_the_weights_that_made_the_data() -> None:
    draw = np.random.default_rng(5)
    truth = np.array([-1.0, 2.0, 0.0])
    z, n, rate = np.zeros(3), np.zeros(3), Rate(alpha=0.3, l2=0.0)
    for _ in range(20_000):
        x = np.array([1.0, draw.normal(), draw.normal()])
        y = draw.random() < 1 / (1 + math.exp(-x @ truth))
        chance = 1 / (1 + math.exp(-x @ weights(z, n, rate)))
        more_z, more_n = step(z, n, (chance - y) * x, rate)
        z, n = z + more_z, n + more_n
    np.testing.assert_allclose(weights(z, n, rate), truth, atol=0.25)


def test_it_agrees_with_river() -> None:
    river = pytest.importorskip("river", reason="the oracle is optional: pip install river")
    from river import linear_model, optim

    assert river
    rate = Rate(alpha=0.05, beta=1.0, l1=0.0, l2=0.5)  # river keeps weights that l1 should end
    model = linear_model.LogisticRegression(
        optimizer=optim.FTRLProximal(alpha=rate.alpha, beta=rate.beta, l1=rate.l1, l2=rate.l2),
        intercept_lr=0.0,
    )
    draw = np.random.default_rng(9)
    z, n, before = np.zeros(3), np.zeros(3), np.zeros(3)
    for _ in range(500):
        x = draw.normal(size=3)
        y = bool(draw.random() < 0.5)
        # river foretells with the weights of before its last step; the gradient is the optimizer's matter.
        chance = 1 / (1 + math.exp(-x @ before))
        before = weights(z, n, rate)
        more_z, more_n = step(z, n, (chance - y) * x, rate)
        z, n = z + more_z, n + more_n
        model.learn_one(dict(enumerate(x)), y)
    model.learn_one(dict(enumerate(np.zeros(3))), True)
    np.testing.assert_allclose(weights(z, n, rate), [model.weights[at] for at in range(3)], rtol=1e-6)
