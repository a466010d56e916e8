"""A list from those who have a place and those who fill the others."""

from collections.abc import Mapping, Sequence


def filled_up(pool: Sequence[int], fixed: Mapping[int, int]) -> list[int]:
    """Every row once: `fixed` ones at their places (from 0), those of `pool` between, in their order.

    Where the pool runs out the rest of the fixed ones close up, in the order of their places.
    """
    filled: list[int] = []
    used = 0
    for place in sorted(fixed):
        between = place - len(filled)
        if between > 0:
            filled += pool[used : used + between]
            used += between
        filled.append(fixed[place])
    filled += pool[used:]
    return filled


def closed_up(fixed: Mapping[int, int], pool: int) -> dict[int, int]:
    """The places at which the fixed ones come to stand when `pool` others are there to fill the rest."""
    return {min(place, pool + before): fixed[place] for before, place in enumerate(sorted(fixed))}
