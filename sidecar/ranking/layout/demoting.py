"""Demote unavailable: what cannot be bought stands below everything that can."""

from collections.abc import Sequence

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.selector import Selector
from sidecar.ranking.layout.telling import ACTED, Telling
from sidecar.ranking.layout.window import BoolArray, Window


def demoted(
    acts: Sequence[Act[Selector]], window: Window, attempts: Attempts, told: Telling
) -> BoolArray | None:
    """bool [n]: which hits go last; None where none does."""
    last: BoolArray | None = None
    for act in acts:
        mask = attempts.of(act, act.work.mask, window)
        many = 0 if mask is None else np.count_nonzero(mask)
        if mask is None or not many:
            continue
        last = mask if last is None else last | mask
        told.came_to(act, ACTED, f"{many} hits stand below those that can be bought" if told.explain else "")
        if told.explain:
            for row in np.flatnonzero(mask).tolist():
                told.touch(row, act, ACTED, "cannot be bought: stands below what can")
    return last
