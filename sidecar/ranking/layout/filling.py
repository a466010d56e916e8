"""A list from those who have a place and those who fill the others."""

from collections.abc import Mapping, Sequence


def filled_up(pool: Sequence[int], fixed: Mapping[int, int]) -> list[int]:
    """Every row once: `fixed` ones at their places (from 0), those of `pool` between, in their order.

    Where the pool runs out the rest of the fixed ones close up, in the order of their places.
    """
    if not fixed:
        return list(pool)
    waiting = sorted(place for place in fixed)
    filled: list[int] = []
    following = iter(pool)
    for place in waiting:
        while len(filled) < place:
            row = next(following, None)
            if row is None:
                break
            filled.append(row)
        filled.append(fixed[place])
    filled.extend(following)
    return filled


def closed_up(fixed: Mapping[int, int], pool: int) -> dict[int, int]:
    """The places at which the fixed ones come to stand when `pool` others are there to fill the rest."""
    return {min(place, pool + before): fixed[place] for before, place in enumerate(sorted(fixed))}
