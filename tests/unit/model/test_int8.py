"""Rounding to 8 bits: channels are evened out, errors cancel, and the exact product is what is left."""

import numpy as np
import pytest

from sidecar.model.activation import LARGEST_WEIGHT, Activation, rounded, scales_of, steps_of
from sidecar.model.rounding import rounded_for
from sidecar.model.smoothing import smoothing

MARGIN = 1.05


def rows_with_outliers(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows [400, 96] that are alike in parts, two channels of which are huge, and a weight [96, 64]."""
    random = np.random.default_rng(seed)
    rows = random.normal(0, 1, (400, 24)) @ random.normal(0, 0.3, (24, 96)) + random.normal(0, 0.2, (400, 96))
    rows[:, [5, 50]] *= 30
    return rows.astype(np.float32), random.normal(0, 1, (96, 64)).astype(np.float32)


def error(rows: np.ndarray, weight: np.ndarray, factors: np.ndarray, exact: np.ndarray) -> float:
    """Root mean square, relative, of both sides rounded to the nearest step."""
    scaled, thin = rows * factors, weight / factors[:, None]
    steps = steps_of(Activation(scaled.min(axis=0), scaled.max(axis=0), scaled), MARGIN)
    scale = scales_of(thin)
    product = rounded(scaled, steps) @ (np.rint(thin / scale) * scale)
    return float(np.sqrt(np.square(product - exact).mean() / np.square(exact).mean()))


def test_smoothing_takes_most_of_the_error_that_large_channels_make() -> None:
    rows, weight = rows_with_outliers()
    factors = smoothing(rows, weight, MARGIN)
    exact = rows @ weight
    assert error(rows, weight, factors, exact) < 0.6 * error(rows, weight, np.ones(96, np.float32), exact)
    assert factors[5] < np.median(factors)


def test_smoothing_leaves_alone_what_is_even() -> None:
    random = np.random.default_rng(1)
    rows, weight = (random.choice([-1.0, 1.0], shape).astype(np.float32) for shape in ((200, 32), (32, 16)))
    assert smoothing(rows, weight, MARGIN) == pytest.approx(np.ones(32))


def test_silent_channels_and_silent_weights_are_no_trouble() -> None:
    rows, weight = rows_with_outliers()
    rows[:, 7] = 0
    weight[9] = 0
    factors = smoothing(rows, weight, MARGIN)
    assert np.isfinite(factors).all()
    assert (factors > 0).all()
    whole, scale = rounded_for(weight / factors[:, None], rows * factors)
    assert np.isfinite(scale).all()
    assert np.isfinite(whole).all()


def test_rounding_for_rows_is_better_on_others_like_them_than_the_nearest_step() -> None:
    rows, weight = rows_with_outliers()
    seen, others = rows[:300], rows[300:]
    scale = scales_of(weight)
    nearest = np.rint(weight / scale)
    whole, same = rounded_for(weight, seen)
    assert np.array_equal(same, scale)
    assert np.abs(whole).max() <= LARGEST_WEIGHT

    def off(rounded_weight: np.ndarray) -> float:
        return float(np.square(others @ (rounded_weight * scale - weight)).mean())

    assert off(whole) < 0.7 * off(nearest)


def test_rounding_is_the_same_every_time() -> None:
    rows, weight = rows_with_outliers()
    first, again = rounded_for(weight, rows)[0], rounded_for(weight.copy(), rows.copy())[0]
    assert np.array_equal(first, again)


def test_fewer_rows_than_channels_are_enough() -> None:
    rows, weight = rows_with_outliers()
    whole, scale = rounded_for(weight, rows[:3])
    assert np.abs(whole * scale - weight).max() < 6 * scale.max()


@pytest.mark.parametrize(("low", "high"), [(-3.0, 5.0), (0.0, 0.0), (2.0, 9.0), (-4.0, -1.0)])
def test_zero_is_exact_and_what_was_seen_is_in_range(low: float, high: float) -> None:
    ends = np.array([[low], [high], [0.0]], np.float32)
    steps = steps_of(Activation(ends.min(axis=0), ends.max(axis=0), ends), MARGIN)
    values = rounded(ends, steps)
    assert values[2, 0] == 0
    assert values == pytest.approx(ends, abs=steps.size)
