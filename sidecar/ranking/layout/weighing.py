"""Boost and bury: factors on the scaled score, multiplied, and bounded together."""

from collections.abc import Sequence
from dataclasses import dataclass

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

    def of(self, window: Window) -> BoolArray | FloatArray:
        """bool [n] whom the whole weight is for; or float64 [n], how much of it each is granted, −1 to 1."""
        if self.grant is None:
            return self.selector.mask(window)
        granted = window.granted(self.grant)
        return granted if self.selector.everything else np.where(self.selector.mask(window), granted, 0.0)


@dataclass(frozen=True, slots=True)
class Weighed:
    """`total` float64 [n] is each hit's factor, within the clamp; `factors` float64 [k, n] each act's."""

    total: FloatArray
    factors: FloatArray
    acts: Sequence[Act[Weighing]]


def weighed(
    acts: Sequence[Act[Weighing]], window: Window, clamp: float, attempts: Attempts, told: Telling
) -> Weighed | None:
    """The factors of all boosts and buries together, between 1/`clamp` and `clamp`; None where none weighs.

    What is computed for each action is a mask, as a rule: all of them become factors in one step.
    """
    whole: list[tuple[Act[Weighing], BoolArray | FloatArray]] = []
    partial: list[tuple[Act[Weighing], BoolArray | FloatArray]] = []
    for act in acts:
        found = attempts.of(act, act.work.of, window)
        if found is not None:
            (whole if found.dtype == np.bool_ else partial).append((act, found))
    parts: list[FloatArray] = []
    if whole:
        weights = np.array([act.work.weight for act, _ in whole])
        parts.append(np.where(np.array([mask for _, mask in whole]), weights[:, None], 1.0))
    if partial:
        granted = np.array([share for _, share in partial], np.float64)
        beyond = np.array([act.work.weight - 1.0 for act, _ in partial])[:, None]
        upwards = 1.0 + beyond * np.abs(granted)
        parts.append(np.where(granted < 0.0, 1.0 / upwards, upwards))
    if not parts:
        return None
    factors = parts[0] if len(parts) == 1 else np.concatenate(parts)
    weighing = [act for act, _ in (*whole, *partial)]
    moved = (factors != 1.0).any(axis=1).tolist()
    for act, moves in zip(weighing, moved, strict=True):
        if moves:
            told.came_to(act, ACTED)
    if not any(moved):
        return None
    product = factors.prod(axis=0)
    total = np.minimum(np.maximum(product, 1.0 / clamp), clamp)
    if told.explain:
        _touch(weighing, factors, product, total, told)
    return Weighed(total, factors, weighing)


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
