"""How much two orders agree, the tops counting most."""

from collections.abc import Hashable, Sequence

PERSISTENCE = 0.9
"""A reader goes on to the next hit with this probability: the first ten places have 86 % of the weight."""


def rank_biased_overlap(
    one: Sequence[Hashable], other: Sequence[Hashable], persistence: float = PERSISTENCE
) -> float:
    """0 (nothing in common) to 1 (the same order): extrapolated RBO of two lists without repetitions.

    Webber, Moffat, Zobel 2010, equation 32, for lists of unequal length; two empty lists are the same.
    """
    shorter, longer = sorted((one, other), key=len)
    if not longer:
        return 1.0
    if not shorter:
        return 0.0
    seen_short: set[Hashable] = set()
    seen_long: set[Hashable] = set()
    common = 0
    common_short = 0
    total = 0.0
    for depth in range(1, len(longer) + 1):
        common += longer[depth - 1] in seen_short
        seen_long.add(longer[depth - 1])
        if depth <= len(shorter):
            seen_short.add(shorter[depth - 1])
            common += shorter[depth - 1] in seen_long
            common_short = common
        weight = persistence**depth
        total += common / depth * weight
        if depth > len(shorter):
            # The shorter list is taken to go on agreeing as it did at its end.
            total += common_short * (depth - len(shorter)) / (len(shorter) * depth) * weight
    length, short = len(longer), len(shorter)
    rest = (common - common_short) / length + common_short / short
    return (1 - persistence) / persistence * total + rest * persistence**length
