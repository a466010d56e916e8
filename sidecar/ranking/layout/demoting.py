"""Demote unavailable: what cannot be bought stands below everything that can."""

from collections.abc import Sequence
from itertools import compress
from typing import Any

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.telling import ACTED, Telling
from sidecar.ranking.layout.window import BoolArray


def demoted(
    acts: Sequence[Act[Any]], masks: BoolArray, selecting: Sequence[bool], told: Telling
) -> BoolArray | None:
    """bool [n]: which hits go last; None where none does. `masks` bool [k, n] are what each act names;
    `selecting` [k] whether it names any."""
    last: BoolArray | None = None
    for act, mask in compress(zip(acts, masks, strict=True), selecting):
        last = mask if last is None else last | mask
        rows = np.flatnonzero(mask).tolist() if told.explain else ()
        said = f"{len(rows)} hits stand below those that can be bought" if told.explain else ""
        told.came_to(act, ACTED, said)
        if told.explain:
            for row in rows:
                told.touch(row, act, ACTED, "cannot be bought: stands below what can")
    return last
