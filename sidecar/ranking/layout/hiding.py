"""Hide and filter: which hits are not shown."""

from collections.abc import Sequence
from itertools import compress
from typing import Any

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.telling import ACTED, Telling
from sidecar.ranking.layout.window import BoolArray


def hidden(acts: Sequence[Act[Any]], masks: BoolArray, selecting: Sequence[bool], told: Telling) -> BoolArray:
    """bool [n]: what a hide names, or a filter does not. `masks` bool [k, n] say so for each of the acts;
    `selecting` [k] whether it names any."""
    if not any(selecting):
        return np.zeros(masks.shape[1], np.bool_)
    if told.explain:
        for act, mask in zip(acts, masks, strict=True):
            rows = np.flatnonzero(mask).tolist()
            if rows:
                told.came_to(act, ACTED, f"{len(rows)} hits are not shown")
            for row in rows:
                told.touch(row, act, ACTED, "is not shown")
    else:
        told.acted(list(compress(acts, selecting)))
    gone: BoolArray = np.logical_or.reduce(masks, axis=0)
    return gone
