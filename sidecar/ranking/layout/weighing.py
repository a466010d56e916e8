"""Boost and bury: factors on the scaled score, multiplied, and bounded together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from operator import and_

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.figures import Grant
from sidecar.ranking.layout.selector import Selector
from sidecar.ranking.layout.telling import ACTED, Telling
from sidecar.ranking.layout.window import BoolArray, Window
from sidecar.ranking.standing import FloatArray


@dataclass(frozen=True, slots=True)
class Weighing:
    """The selected hits' scores are multiplied by `weight` (below 1: a bury), or by as much of it as `grant`
    says."""

    weight: float
    selector: Selector
    grant: Grant | None = None

    def share(self, window: Window) -> FloatArray:
        """float64 [n]: how much of the weight each hit is granted, −1 to 1."""
        granted = np.ones(window.count) if self.grant is None else window.granted(self.grant)
        return granted if self.selector.everything else np.where(self.selector.mask(window), granted, 0.0)


@dataclass(frozen=True, slots=True)
class Weighed:
    """`total` float64 [n] is each hit's factor, within the clamp; `factors` float64 [k, n] each act's."""

    total: FloatArray
    factors: FloatArray
    acts: Sequence[Act[Weighing]]


class Weighings:
    """All boosts and buries that hold together: of the `whole` weight, or of what a figure grants of it."""

    def __init__(self, acts: Sequence[Act[Weighing]]) -> None:
        self.whole = [act for act in acts if act.work.grant is None]
        self._granted = [act for act in acts if act.work.grant is not None]
        self._weights = np.array([act.work.weight for act in self.whole])[:, None]
        self._weighs = [act.work.weight != 1.0 for act in self.whole]

    def weighed(
        self,
        masks: BoolArray,
        selecting: Sequence[bool],
        window: Window,
        clamp: float,
        attempts: Attempts,
        told: Telling,
    ) -> Weighed | None:
        """The factors of all of them together, between 1/`clamp` and `clamp`; None where none weighs.

        `masks` bool [k, n] are what each of `whole` selects, `selecting` [k] whether it selects any.
        """
        if not self.whole and not self._granted:
            return None
        factors = np.where(masks, self._weights, 1.0)
        moved = list(map(and_, selecting, self._weighs))
        acts: Sequence[Act[Weighing]] = self.whole
        if self._granted:
            granted, shares = self._shares(window, attempts)
            partial = _factors(granted, np.reshape(shares, (len(shares), window.count)))
            factors = np.concatenate([factors, partial])
            moved += (partial != 1.0).any(axis=1).tolist()
            acts = [*acts, *granted]
        acting = list(compress(acts, moved))
        if not acting:
            return None
        told.acted(acting)
        product = factors.prod(axis=0)
        total = np.minimum(np.maximum(product, 1.0 / clamp), clamp)
        if told.explain:
            _touch(acts, factors, product, total, told)
        return Weighed(total, factors, acts)

    def _shares(self, window: Window, attempts: Attempts) -> tuple[list[Act[Weighing]], list[FloatArray]]:
        """The acts that did not fail, and what each grants."""
        acts, shares = [], []
        for act in self._granted:
            share = attempts.of(act, act.work.share, window)
            if share is not None:
                acts.append(act)
                shares.append(share)
        return acts, shares


def _factors(acts: Sequence[Act[Weighing]], granted: FloatArray) -> FloatArray:
    """float64 [k, n] of the shares that each hit is granted."""
    beyond = np.array([act.work.weight - 1.0 for act in acts])[:, None]
    upwards = 1.0 + beyond * np.abs(granted)
    return np.where(granted < 0.0, 1.0 / upwards, upwards)


def _touch(
    acts: Sequence[Act[Weighing]],
    factors: FloatArray,
    product: FloatArray,
    total: FloatArray,
    told: Telling,
) -> None:
    """Tells each hit what its score was multiplied by, and what the clamp left of that."""
    clamped = np.flatnonzero(product != total).tolist()
    beyond = {row: f"; all together clamped to {total[row]:.3g}" for row in clamped}
    for act, row_factors in zip(acts, factors, strict=True):
        rows = np.flatnonzero(row_factors != 1.0)
        for row, factor in zip(rows.tolist(), row_factors[rows].tolist(), strict=True):
            told.touch(row, act, ACTED, f"score times {factor:.3g}{beyond.get(row, '')}")
