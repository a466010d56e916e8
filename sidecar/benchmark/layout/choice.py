"""Which setting to recommend: most variety for next to no relevance, judged on queries apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

import numpy as np

from sidecar.benchmark.layout.trade_off import Change, Measured, baseline, change
from sidecar.benchmark.layout.variety import DIVERSITY
from sidecar.evaluation.measures import PRIMARY, Values

MOST_LOST = 0.01
"""The share of nDCG@10 that variety may cost."""

FOLDS = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """`name` is chosen on all queries; `folds` counts what the parts chose. `relevance` and `diversity` are
    those of queries that had no part in the choice, against relevance alone."""

    name: str
    folds: dict[str, int]
    relevance: Change
    diversity: Change


def choose(found: Sequence[Measured], *, seed: int = 0) -> Choice:
    """The setting that is most diverse among those that cost at most `MOST_LOST`; cross-validated."""
    before = baseline(found)
    count = len(before.values[PRIMARY])
    shuffled = np.random.default_rng(seed).permutation(count)
    relevance, diversity = np.zeros(count), np.zeros(count)
    folds: dict[str, int] = {}
    for part in np.array_split(shuffled, min(FOLDS, count)):
        others = np.setdiff1d(shuffled, part)
        best = _best(found, others)
        folds[best.setting.name] = folds.get(best.setting.name, 0) + 1
        relevance[part] = best.values[PRIMARY][part]
        diversity[part] = best.values[DIVERSITY][part]
    return Choice(
        _best(found, np.arange(count)).setting.name,
        folds,
        change(relevance, before.values[PRIMARY]),
        change(diversity, before.values[DIVERSITY]),
    )


def _best(found: Sequence[Measured], rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Measured:
    """A family goes from little to much variety, and what comes after the first that costs too much is out,
    even if one of those happens to cost less: that is luck, and other queries would not have it."""

    def mean(one: Measured, name: str) -> float:
        values: Values = one.values[name][rows]
        return float(values.mean())

    before = baseline(found)
    floor = (1 - MOST_LOST) * mean(before, PRIMARY)
    allowed = [before]
    for _, family in groupby(found, key=lambda one: one.setting.family):
        members = takewhile(lambda one: mean(one, PRIMARY) >= floor, family)
        allowed += [one for one in members if not one.setting.knows_labels]
    return max(allowed, key=lambda one: mean(one, DIVERSITY))
