"""Rates from decayed sums, drawn to their priors: an item's to its traits', theirs to the shop's.

The posterior mean of a rate with a Beta prior that is worth m observations: (successes + m·prior) /
(trials + m). Clicks can outnumber examined impressions, which are expectations, so rates are kept below 1.
"""

import math
from collections.abc import Sequence

from sidecar.config.engagement import Prior
from sidecar.feedback.figures import COUNTED, Sums

FEATURES = ("ctr", "ctr_recent", "cart_rate", "conversion", "returns", "dwell", "query_ctr")
"""What the online blend and layout rules may weigh: log-odds against the shop's own rate (dwell: log seconds,
its mean); 0 for an item of which nothing is known."""

NOTHING = (0.0,) * len(FEATURES)
IMPRESSIONS, CLICKS, CARTS, PURCHASES, DWELL, VISITS, RETURNS = range(len(COUNTED))
SHORT, LONG = 0, 1
LEAST, MOST = 1e-4, 0.98
USUAL, USUAL_WORTH = 0.1, 100.0
"""What a shop is expected to see before it has seen anything, and for how many observations that stands."""


def shrunk(successes: float, trials: float, prior: float, worth: float) -> float:
    """A rate drawn to its prior."""
    return min(max((successes + worth * prior) / (trials + worth), LEAST), MOST)


def features(
    item: Sums,
    traits: Sequence[Sums],
    shop: Sums,
    pair: Sums | None,
    prior: Prior,
) -> tuple[float, ...]:
    """An item's FEATURES. Sums [window][counted] of the item, its traits, the shop, and of the item for the
    query (None: not told)."""
    told = []
    for window, above, below, worth in (
        (LONG, CLICKS, IMPRESSIONS, prior.clicks),
        (SHORT, CLICKS, IMPRESSIONS, prior.clicks),
        (LONG, CARTS, CLICKS, prior.carts),
        (LONG, PURCHASES, CLICKS, prior.purchases),
        (LONG, RETURNS, CLICKS, prior.returns),
    ):
        general = shrunk(shop[window][above], shop[window][below], USUAL, USUAL_WORTH)
        between = _of_traits(traits, window, above, below, general, worth)
        rate = shrunk(item[window][above], item[window][below], between, worth)
        told.append(_logit(rate) - _logit(general))
    told.append(_dwell(item, shop, prior.dwell))
    told.append(_for_query(pair, item, shop, prior.clicks))
    return tuple(told)


def _of_traits(
    traits: Sequence[Sums], window: int, above: int, below: int, general: float, worth: float
) -> float:
    """What a new item of this brand and category is expected to do: the mean of its traits, in log-odds."""
    if not traits:
        return general
    rates = [shrunk(one[window][above], one[window][below], general, worth) for one in traits]
    mean = sum(map(_logit, rates)) / len(rates)
    return 1.0 / (1.0 + math.exp(-mean))


def _dwell(item: Sums, shop: Sums, worth: float) -> float:
    if shop[LONG][VISITS] <= 0:
        return 0.0
    general = shop[LONG][DWELL] / shop[LONG][VISITS]
    return float((item[LONG][DWELL] + worth * general) / (item[LONG][VISITS] + worth) - general)


def _for_query(pair: Sums | None, item: Sums, shop: Sums, worth: float) -> float:
    """For this query beyond what the item does anyway."""
    if pair is None:
        return 0.0
    general = shrunk(shop[LONG][CLICKS], shop[LONG][IMPRESSIONS], USUAL, USUAL_WORTH)
    anyway = shrunk(item[LONG][CLICKS], item[LONG][IMPRESSIONS], general, worth)
    here = shrunk(pair[LONG][CLICKS], pair[LONG][IMPRESSIONS], anyway, worth)
    return _logit(here) - _logit(anyway)


def _logit(rate: float) -> float:
    return math.log(rate / (1.0 - rate))
