"""When searches come and which: Poisson and Zipf, repeatable."""

import numpy as np
import pytest

from sidecar.benchmark.load.traffic import arrivals, zipf_choices


def test_arrivals_are_poisson() -> None:
    times = arrivals(50.0, 200.0, seed=1)
    gaps = np.diff(times)
    assert len(times) == pytest.approx(10_000, rel=0.05)
    assert (gaps >= 0).all()
    assert times[-1] < 200.0
    # Exponential gaps: as spread as they are long.
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)


def test_the_same_seed_sends_the_same() -> None:
    assert np.array_equal(arrivals(5.0, 10.0, 3), arrivals(5.0, 10.0, 3))
    assert not np.array_equal(arrivals(5.0, 10.0, 3)[:5], arrivals(5.0, 10.0, 4)[:5])
    assert np.array_equal(zipf_choices(100, 1.0, 50, 3), zipf_choices(100, 1.0, 50, 3))


@pytest.mark.parametrize("exponent", [1.0, 1.2])
def test_the_nth_query_comes_as_often_as_zipf_says(exponent: float) -> None:
    counts = np.bincount(zipf_choices(1000, exponent, 200_000, seed=1), minlength=1000)
    assert counts[0] / counts[3] == pytest.approx(4**exponent, rel=0.1)
    assert counts[0] / counts[9] == pytest.approx(10**exponent, rel=0.15)
    assert len(counts) == 1000
