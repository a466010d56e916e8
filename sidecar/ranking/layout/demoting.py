"""Demote unavailable: what cannot be bought stands below everything that can."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.telling import ACTED, Telling
from sidecar.ranking.layout.window import BoolArray


def demoted(acts: Sequence[Act[Any]], masks: BoolArray, told: Telling) -> BoolArray | None:
    """bool [n]: which hits go last; None where none does. `masks` bool [k, n] are what each act names."""
    last: BoolArray | None = None
    for act, mask in zip(acts, masks, strict=True):
        many = np.count_nonzero(mask)
        if not many:
            continue
        last = mask if last is None else last | mask
        told.came_to(act, ACTED, f"{many} hits stand below those that can be bought" if told.explain else "")
        if told.explain:
            for row in np.flatnonzero(mask).tolist():
                told.touch(row, act, ACTED, "cannot be bought: stands below what can")
    return last
