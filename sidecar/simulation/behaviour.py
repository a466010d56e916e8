"""What a simulated shopper does with a list: looks from the top, clicks, buys."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sidecar.domain.event import EventKind
from sidecar.simulation.shelf import Numbers
from sidecar.taste.click_model import sigmoid

PAGE = 10
DESKTOP_ETA, MOBILE_ETA = 0.55, 0.95
"""How fast attention falls with the position. The learner is told one number for both, and not these."""

SECOND_PAGE = 0.2
SECOND_LOOK = 1.0
"""Logits by which a clicked hit is taken more easily: each step asks the same taste again."""


@dataclass(frozen=True)
class Act:
    """An event at a place of the list (from 0), `after` seconds."""

    kind: EventKind
    place: int
    after: float


@dataclass(frozen=True)
class Seen:
    """What happened: the last page asked for begins at `page_start`."""

    page_start: int
    acts: list[Act]


def behave(utility: Numbers, mobile: bool, random: np.random.Generator) -> Seen:
    """One search's events. `utility` float64 [n] are the true logits of a click, in the order served."""
    eta = MOBILE_ETA if mobile else DESKTOP_ETA
    acts: list[Act] = []
    page_start, clock = 0, 5.0
    for start in range(0, min(2 * PAGE, len(utility)), PAGE):
        if start and random.random() >= SECOND_PAGE:
            break
        page_start = start
        chances = sigmoid(utility[start : start + PAGE])
        looked = random.random(len(chances)) < np.arange(1, len(chances) + 1) ** -eta
        clicked = looked & (random.random(len(chances)) < chances)
        for place in np.flatnonzero(clicked).tolist():
            clock += float(random.exponential(15.0))
            for kind in _how_far(float(utility[start + place]), random):
                clock += 2.0
                acts.append(Act(kind, start + place, clock))
    return Seen(page_start, acts)


def _how_far(utility: float, random: np.random.Generator) -> Iterator[EventKind]:
    chance = 1.0 / (1.0 + math.exp(-utility - SECOND_LOOK))
    yield EventKind.CLICK
    if random.random() < chance:
        yield EventKind.ADD_TO_CART
        if random.random() < chance:
            yield EventKind.PURCHASE
