"""How varied the first hits of a list are."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet


def intra_list_diversity(hits: Sequence[Sequence[AbstractSet[Hashable]]]) -> float:
    """The mean distance of the pairs of hits: 0 (all alike) to 1 (nothing in common), 0 below two hits.

    A hit is one set of values for each aspect (its brand, its categories, its title's words). Two hits are
    as far apart as the mean of 1 - Jaccard over the aspects that both have; a pair without such is left out.
    """
    distances = []
    for number, one in enumerate(hits):
        for other in hits[number + 1 :]:
            known = [1 - len(a & b) / len(a | b) for a, b in zip(one, other, strict=True) if a and b]
            if known:
                distances.append(sum(known) / len(known))
    return sum(distances) / len(distances) if distances else 0.0


def entropy(values: Sequence[Hashable]) -> float:
    """Bits: 0 where all are the same, log2(n) where all differ."""
    counts = Counter(values).values()
    total = sum(counts)
    return -sum(count / total * math.log2(count / total) for count in counts) + 0.0


def exposure(values: Sequence[Hashable]) -> dict[Hashable, float]:
    """Each value's share of attention, largest first: a place counts 1/log2(1 + place), as in nDCG."""
    shares: Counter[Hashable] = Counter()
    for place, value in enumerate(values, 1):
        shares[value] += 1 / math.log2(1 + place)  # type: ignore[assignment]
    total = sum(shares.values())
    return {value: share / total for value, share in shares.most_common()}
