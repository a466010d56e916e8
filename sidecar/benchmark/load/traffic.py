"""When searches come, and which: Poisson arrivals of queries by Zipf's law, the same for the same seed."""

import numpy as np
from numpy.typing import NDArray


def arrivals(rate: float, seconds: float, seed: int) -> NDArray[np.float64]:
    """Seconds from the start, in order, of a Poisson process of `rate` searches a second."""
    generator = np.random.default_rng([seed, 1])
    count = int(rate * seconds + 10 * (rate * seconds) ** 0.5 + 20)
    times = np.cumsum(generator.exponential(1 / rate, count))
    return times[times < seconds]


def zipf_choices(distinct: int, exponent: float, count: int, seed: int) -> NDArray[np.int64]:
    """`count` numbers from 0 to `distinct` - 1, the n-th (from 1) as often as n to the power -`exponent`."""
    weights = np.arange(1, distinct + 1, dtype=np.float64) ** -exponent
    ends = np.cumsum(weights / weights.sum())
    places = np.searchsorted(ends, np.random.default_rng([seed, 2]).random(count))
    return np.minimum(places, distinct - 1)
