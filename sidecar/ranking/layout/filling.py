"""A list from those who have a place and those who fill the others."""

from collections.abc import Mapping, Sequence


def filled_up(pool: Sequence[int], fixed: Mapping[int, int]) -> list[int]:
    """Every row once: `fixed` ones (by place, from 0) where `closed_up` has them, those of `pool` between, in
    their order."""
    standing = closed_up(fixed, len(pool))
    filled: list[int] = []
    used = 0
    for place in sorted(standing):
        between = place - len(filled)
        if between > 0:
            filled += pool[used : used + between]
            used += between
        filled.append(standing[place])
    filled += pool[used:]
    return filled


def closed_up(fixed: Mapping[int, int], pool: int) -> Mapping[int, int]:
    """Where the fixed ones come to stand when `pool` others are there to fill the rest: at their places, and
    those whose places are beyond the end at the last free ones, in the order of their places."""
    count = pool + len(fixed)
    beyond = [place for place in fixed if place >= count]
    if not beyond:
        return fixed
    standing = {place: row for place, row in fixed.items() if place < count}
    free = [place for place in range(count) if place not in standing]
    last = free[len(free) - len(beyond) :]
    standing.update((at, fixed[place]) for at, place in zip(last, sorted(beyond), strict=True))
    return standing
