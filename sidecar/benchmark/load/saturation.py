"""How many searches a second are too many: the rate goes up until they are no longer reranked in full."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sidecar.benchmark.load.goodput import Goodput

FACTOR = 1.5
KEPT_UP = 0.95
"""Share of searches reranked in full at a rate that counts as kept up with."""
LOST = 0.6
"""Below this share there is nothing more to find."""
MOST_STEPS = 16


@dataclass(frozen=True, slots=True)
class Saturation:
    """`best`: the highest goodput of all steps. `kept_up`: the highest rate at which 95 % were reranked in
    full; 0 where even the first step lost more."""

    steps: list[Goodput]
    best: float
    kept_up: float


async def saturate(run: Callable[[float], Awaitable[Goodput]], first: float) -> Saturation:
    """`run` sends searches at a rate for a while. Ends where the share in full collapses or goodput falls."""
    steps: list[Goodput] = []
    rate = first
    while len(steps) < MOST_STEPS:
        found = await run(rate)
        best = max((step.goodput for step in steps), default=0.0)
        steps.append(found)
        if found.answered_in_full < LOST or (best and found.goodput < 0.9 * best):
            break
        rate *= FACTOR
    kept = [step.offered for step in steps if step.answered_in_full >= KEPT_UP]
    return Saturation(steps, max(step.goodput for step in steps), max(kept, default=0.0))
