"""What share of shoppers each variant of a page should get, by what came of it so far."""

from collections.abc import Mapping

import numpy as np

from sidecar.served.rule_effect import ClickCount

DRAWS = 20_000
PRIOR_SEARCHES = 50.0
"""A variant counts as if so many searches had come to the mean of all: a few lucky ones decide nothing."""

FLOOR = 0.05
"""No variant gets less: what nobody sees any more cannot come back."""


def learned_shares(
    variants: Mapping[str, ClickCount], *, floor: float = FLOOR, seed: int = 0
) -> dict[str, float]:
    """By Thompson sampling: a variant's share is the probability that it has the most clicks a search.

    Each rate is drawn from a normal around its mean, shrunk, as wide as groups of shoppers make it; the same
    counts give the same shares. They are in hundredths and add up to 1; without any search all are equal, as
    nearly as hundredths can be. Raises ValueError for no variants, or a floor that does not leave room.
    """
    names = sorted(variants)
    if not names or not 0 <= floor * len(names) <= 1:
        raise ValueError(f"{len(names)} variants cannot have at least {floor:g} each")
    counts = [variants[name] for name in names]
    searches = np.array([count.searches for count in counts], np.float64)
    clicks = np.array([count.clicks for count in counts], np.float64)
    mean = clicks.sum() / max(searches.sum(), 1.0)
    # Of one search: clicks come in batches, so that this is above what a Poisson's would be.
    usual = max(mean * (1 + mean), 1e-6)
    spread = np.array([_spread(count, usual) for count in counts])
    rates = (clicks + PRIOR_SEARCHES * mean) / (searches + PRIOR_SEARCHES)
    drawn = np.random.default_rng(seed).normal(
        rates, np.sqrt(spread / (searches + PRIOR_SEARCHES)), (DRAWS, len(names))
    )
    best = np.bincount(drawn.argmax(axis=1), minlength=len(names)) / DRAWS
    if not searches.any():
        best = np.full(len(names), 1 / len(names))
    return dict(zip(names, _hundredths(floor + (1 - floor * len(names)) * best), strict=True))


def _spread(count: ClickCount, usual: float) -> float:
    """The variance of one search's clicks, with what a shopper's searches have in common."""
    variance = count.variance()
    return usual if variance is None else max(variance * count.searches, usual / 4)


def _hundredths(shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    """Rounded so that they still add up: the rests go to those that lost most by it."""
    cut = np.floor(shares * 100 + 1e-9)
    left = round(100 - float(cut.sum()))
    for place in np.argsort(cut - shares * 100, kind="stable")[:left]:
        cut[place] += 1
    return [float(one) / 100 for one in cut]
