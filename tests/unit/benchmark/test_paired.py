"""Statistics of paired timings."""

import pytest

from sidecar.benchmark.paired import Ratio


def test_a_ratio_is_the_median_of_the_pairs_not_of_the_arms() -> None:
    """The machine was ten times slower in the last pair: that says nothing of the arms."""
    found = Ratio.of([2.0, 2.2, 1.8, 20.0], [1.0, 1.1, 0.9, 10.0])
    assert found.median == pytest.approx(2.0)
    assert found.ci95 == pytest.approx((2.0, 2.0))


def test_the_interval_holds_the_median_and_widens_with_noise() -> None:
    steady = Ratio.of([1.5, 1.51, 1.49, 1.5, 1.52], [1.0] * 5)
    noisy = Ratio.of([0.9, 2.4, 1.5, 1.1, 1.9], [1.0] * 5)
    for found in (steady, noisy):
        assert found.ci95[0] <= found.median <= found.ci95[1]
    assert noisy.ci95[1] - noisy.ci95[0] > steady.ci95[1] - steady.ci95[0]


def test_unpaired_timings_are_refused() -> None:
    with pytest.raises(ValueError, match="pairs expected"):
        Ratio.of([1.0], [])
