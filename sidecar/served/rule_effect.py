"""What searches with something came to against those without it: clicks a search, with an interval.

Searches of one shopper are not independent, so the interval is made from groups of shoppers (Wolter,
Introduction to Variance Estimation, chapter 2): a shopper is in one group with all their searches.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

GROUPS = 256
NORMAL_95 = 1.959964
LEAST_SEARCHES = 2


class ClickCount:
    """Searches and their clicks, by group of shoppers. Of a fixed size, however much is added."""

    def __init__(self) -> None:
        self._searches = np.zeros(GROUPS)
        self._clicks = np.zeros(GROUPS)

    def add(self, group: int, clicks: int) -> None:
        """One search of a shopper of a group."""
        self._searches[group] += 1
        self._clicks[group] += clicks

    @property
    def searches(self) -> int:
        return int(self._searches.sum())

    @property
    def clicks(self) -> int:
        return int(self._clicks.sum())

    @property
    def rate(self) -> float | None:
        """Clicks a search; None without searches."""
        return self.clicks / self.searches if self.searches else None

    def variance(self) -> float | None:
        """Of the rate; None where there are too few groups to tell."""
        rate, used = self.rate, self._searches > 0
        groups = int(used.sum())
        if rate is None or groups < LEAST_SEARCHES:
            return None
        off: npt.NDArray[np.float64] = self._clicks[used] - rate * self._searches[used]
        return float(groups / (groups - 1) * (off**2).sum() / self.searches**2)


@dataclass(frozen=True, slots=True)
class Effect:
    """Clicks a search with and without, and the difference with its 95 % interval. None: too few searches."""

    difference: float | None
    low: float | None
    high: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def effect(with_it: ClickCount, without: ClickCount) -> Effect:
    """What `with_it` has more than `without`."""
    one, other = with_it.rate, without.rate
    if one is None or other is None:
        return Effect(None, None, None)
    spread, other_spread = with_it.variance(), without.variance()
    if spread is None or other_spread is None:
        return Effect(one - other, None, None)
    reach = NORMAL_95 * math.sqrt(spread + other_spread)
    return Effect(one - other, one - other - reach, one - other + reach)


def group_of(shopper: bytes, query: bytes) -> int:
    """The group of a search; whoever may not be remembered is a shopper anew with each search."""
    key = shopper or query
    return int.from_bytes(key[:8].ljust(8, b"\0"), "little") % GROUPS
