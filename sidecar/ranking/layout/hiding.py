"""Hide and filter: which hits are not shown."""

from collections.abc import Sequence

import numpy as np

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.attempts import Attempts
from sidecar.ranking.layout.selector import Selector
from sidecar.ranking.layout.telling import ACTED, Telling
from sidecar.ranking.layout.window import BoolArray, Window


def hidden(
    hides: Sequence[Act[Selector]],
    filters: Sequence[Act[Selector]],
    window: Window,
    attempts: Attempts,
    told: Telling,
) -> BoolArray:
    """bool [n]: what a hide names, or a filter does not. Done even when time is up: rules promise it."""
    gone = np.zeros(window.count, np.bool_)
    for act in (*hides, *filters):
        named = attempts.of(act, act.work.mask, window, even_late=True)
        if named is None:
            continue
        mask = named if act.kind == "hide" else ~named
        many = np.count_nonzero(mask)
        if many:
            gone |= mask
            told.came_to(act, ACTED, f"{many} hits are not shown" if told.explain else "")
            if told.explain:
                for row in np.flatnonzero(mask).tolist():
                    told.touch(row, act, ACTED, "is not shown")
    return gone
