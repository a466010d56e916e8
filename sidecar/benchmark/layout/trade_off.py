"""Relevance and variety of every setting, query by query, and what one costs of the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sidecar.benchmark.layout.bed import Bed
from sidecar.benchmark.layout.bounds import bounds
from sidecar.benchmark.layout.settings import RELEVANCE, Setting, order_of
from sidecar.benchmark.layout.variety import Order, variety
from sidecar.config.profile import FeatureFields
from sidecar.evaluation.measures import PRIMARY, Values, measure

RESAMPLES = 2000
JUDGED = "ndcg@10, judged"
"""Of the lists without what nobody judged (Sakai 2007): what variety brings up was judged less often, and
nDCG takes that for irrelevant."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A setting's figures: by measure an array with a value for each query of the bed."""

    setting: Setting
    values: dict[str, Values]


@dataclass(frozen=True, slots=True)
class Change:
    """A mean, how far it is from relevance alone's as a share of that, and the share's 95 % interval."""

    mean: float
    share: float
    ci95: tuple[float, float]


def measured(
    bed: Bed,
    settings: Sequence[Setting],
    named: FeatureFields,
    on_query: Callable[[int, str], None] = lambda _done, _note: None,
) -> list[Measured]:
    """Every setting on every query, all settings of one query in turn; then the bounds."""
    orders = [order_of(setting) for setting in settings]
    made: list[list[Order]] = [[] for _ in settings]
    varied: list[list[dict[str, float]]] = [[] for _ in settings]
    for number, laid in enumerate(bed.queries, 1):
        for place, ordered in enumerate(orders):
            order = ordered(laid)
            made[place].append(order)
            varied[place].append(variety(laid, order, named))
        on_query(number, laid.query.text)
    every = list(zip(settings, made, varied, strict=True))
    for setting, found in bounds(bed, named):
        figures = [variety(laid, order, named) for laid, order in zip(bed.queries, found, strict=True)]
        every.append((setting, found, figures))
    return [
        Measured(setting, {**_relevance(bed, found), **_columns(figures)})
        for setting, found, figures in every
    ]


def _relevance(bed: Bed, orders: Sequence[Order]) -> dict[str, Values]:
    """nDCG@10 of each query; of the whole lists, and of those without what nobody judged."""
    queries = [laid.query for laid in bed.queries]
    rankings = [
        [laid.candidates[place].id for place in order.tolist()]
        for laid, order in zip(bed.queries, orders, strict=True)
    ]
    judged = [
        [id_ for id_ in ranking if id_ in query.labels]
        for query, ranking in zip(queries, rankings, strict=True)
    ]
    return {PRIMARY: measure(queries, rankings)[PRIMARY], JUDGED: measure(queries, judged)[PRIMARY]}


def _columns(rows: Sequence[dict[str, float]]) -> dict[str, Values]:
    return {name: np.array([row[name] for row in rows]) for name in (rows[0] if rows else ())}


def baseline(found: Sequence[Measured]) -> Measured:
    """Relevance alone."""
    return next(one for one in found if one.setting.name == RELEVANCE)


def change(values: Values, before: Values, *, seed: int = 0) -> Change:
    """The mean of `values` against that of `before`, over the same queries, with a paired bootstrap."""
    generator = np.random.default_rng(seed)
    drawn = generator.integers(0, len(values), (RESAMPLES, len(values)))
    shares = _share(values[drawn].mean(axis=1), before[drawn].mean(axis=1))
    low, high = np.percentile(shares, [2.5, 97.5])
    share = float(_share(values.mean(), before.mean()))
    return Change(float(values.mean()), share, (float(low), float(high)))


def _share(value: Values | np.floating, before: Values | np.floating) -> Values:
    return np.asarray((value - before) / np.maximum(before, 1e-12))
