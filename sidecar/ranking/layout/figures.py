"""The figures of boosts: how much of its weight each hit is granted, −1 to 1."""

from collections.abc import Callable

import numpy as np

from sidecar.ranking.layout.window import Window
from sidecar.ranking.standing import FloatArray
from sidecar.rules.expression.compiled import CompiledNumber
from sidecar.rules.language.weighting import Engagement, Freshness, Range, Rating, Stock

Grant = Callable[[Window], FloatArray]
SECONDS_A_DAY = 86_400.0

ENGAGEMENT = {
    "clicks": "ctr",
    "carts": "cart_rate",
    "purchases": "conversion",
    "dwell": "dwell",
    "returns": "returns",
}
"""A signal's name among the figures of engagement (`feedback/rates.py`)."""


def in_range(range_: Range, value: CompiledNumber) -> Grant:
    """Nothing at `low`, all at `high`, linear between; nothing where a hit has no such number."""
    low, width = range_.low, range_.high - range_.low
    return lambda window: _known(_between((window.numbers(value) - low) / width, 0.0, 1.0))


def freshness(settings: Freshness) -> Grant:
    """All of it today and for what is to come, half after the half-life."""
    half_life = settings.half_life_days * SECONDS_A_DAY

    def grant(window: Window) -> FloatArray:
        age = np.maximum(window.columns.now - window.columns.dates(settings.field), 0.0)
        return _known(np.exp2(-age / half_life))

    return grant


def stock(settings: Stock) -> Grant:
    """Nothing without stock, all of it from `enough` on."""
    return lambda window: _known(_between(window.columns.numbers(settings.field) / settings.enough, 0.0, 1.0))


def rating(settings: Rating) -> Grant:
    """The shrunk mean from `mean` (nothing) to `best` (all); below the mean as much of the opposite."""

    def grant(window: Window) -> FloatArray:
        rated = window.columns.numbers(settings.field)
        count = np.maximum(_known(window.columns.numbers(settings.count)), 0.0)
        shrunk = (count * rated + settings.prior * settings.mean) / (count + settings.prior)
        return _known(_between((shrunk - settings.mean) / (settings.best - settings.mean), -1.0, 1.0))

    return grant


def engagement(settings: Engagement) -> Grant:
    """−1 at the bottom of the window's figures, 1 at their top; 0 for a hit of which nothing is known."""
    name, few_are_better = ENGAGEMENT[settings.signal], settings.signal == "returns"

    def grant(window: Window) -> FloatArray:
        figures = window.engagement.get(name)
        nothing = np.zeros(window.count)
        if figures is None:
            return nothing
        known = np.isfinite(figures) & (figures != 0.0)
        if not known.any():
            return nothing
        low, high = float(figures[known].min()), float(figures[known].max())
        if high <= low:
            return nothing
        placed = 2.0 * (figures - low) / (high - low) - 1.0
        return np.where(known, -placed if few_are_better else placed, 0.0)

    return grant


def _between(values: FloatArray, low: float, high: float) -> FloatArray:
    """The same as `np.clip`, which takes longer for so few."""
    return np.minimum(np.maximum(values, low), high)


def _known(values: FloatArray) -> FloatArray:
    """0 for NaN."""
    return np.where(np.isnan(values), 0.0, values)
