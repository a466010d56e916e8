"""Which facets stand first: for this query, these hits, this shopper."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.understanding import EntityKind, Understanding
from sidecar.ranking.layout.page.facts import PageFacts
from sidecar.ranking.layout.page.hit_values import values_of
from sidecar.ranking.layout.page.spread import entropy
from sidecar.rules.language.telling import Facets

BANDS = 4
"""Numbers of more values than that are split into so many bands of equal counts."""


def first_facets(
    facets: Facets, facts: PageFacts, understanding: Understanding | None, profile: Profile
) -> list[dict[str, str]]:
    """`show` of the page's facets, each with why it stands where it does.

    Those that the rule puts first; then by how well a field splits the hits, raised by how much the shopper's
    taste goes by it; what the query names already last. Ties by name. A field that splits nothing (no hit
    has it, all have the same) is left out unless the rule puts it first.
    """
    named = _named(understanding, profile)
    worth: dict[str, tuple[float, float]] = {}
    for field in dict.fromkeys(facets.fields):
        if field in facets.first:
            continue
        values = [_value(candidate, field) for candidate in facts.candidates]
        if any(isinstance(value, float) for value in values):
            values = _banded(values)
        split = _split(values)
        if split > 0:
            worth[field] = split, _taste(values, facts.candidates, facts.likes)
    # Taste doubles a facet's worth at most: it chooses among facets that split the hits, it makes none.
    order = sorted(worth, key=lambda field: (field in named, -worth[field][0] * (1 + worth[field][1]), field))
    told = [{"field": field, "why": "rule"} for field in dict.fromkeys(facets.first)]
    told += [{"field": field, "why": _why(field, named, worth[field][1])} for field in order]
    return told[: facets.show]


def _why(field: str, named: frozenset[str], taste: float) -> str:
    if field in named:
        return "named by the query"
    return "taste" if taste >= 0.1 else "splits the hits"


def _named(understanding: Understanding | None, profile: Profile) -> frozenset[str]:
    if understanding is None:
        return frozenset()
    features = profile.relevance.features
    fields = {
        EntityKind.BRAND: features.brand,
        EntityKind.CATEGORY: features.category,
        EntityKind.COLOR: features.color,
        EntityKind.SIZE: "size",
    }
    return frozenset(fields[kind] for kind in fields if understanding.of_kind(kind) and fields[kind])


Value = str | float | None


def _value(candidate: Candidate, field: str) -> Value:
    """A number's first value; texts, all of them, as one; None where there is nothing."""
    first = next(iter(candidate.fields.get(field, ())), None)
    if isinstance(first, int | float) and not isinstance(first, bool):
        return float(first)
    # A category's path is one value: its root, which all hits may share, would split nothing.
    return "\n".join(sorted(values_of(candidate.fields, field))) or None


def _banded(values: Sequence[Value]) -> list[Value]:
    numbers = np.array([value for value in values if isinstance(value, float)])
    if len(np.unique(numbers)) <= BANDS:
        return list(values)
    bounds = np.unique(np.quantile(numbers, [share / BANDS for share in range(1, BANDS)]))
    return [
        float(np.searchsorted(bounds, value, side="right")) if isinstance(value, float) else None
        for value in values
    ]


def _split(values: Sequence[Value]) -> float:
    """Bits that a click on the facet tells, times the share of hits that have the field.

    A value of a single hit is no choice: such are one heap, so that a field of names splits nothing.
    """
    known = [value for value in values if value is not None]
    counts = Counter(known)
    if len(counts) < 2:
        return 0.0
    heaped = [value if counts[value] > 1 else None for value in known]
    return entropy(heaped) * len(known) / len(values)


def _taste(values: Sequence[Value], candidates: Sequence[Candidate], likes: Mapping[int, float]) -> float:
    """The share of the taste's variance that the field explains (epsilon squared, Kelley 1935), 0 to 1.

    Unlike the plain share it does not grow with the number of values.
    """
    groups: dict[Value, list[float]] = defaultdict(list)
    for value, candidate in zip(values, candidates, strict=True):
        if value is not None:
            groups[value].append(likes.get(candidate.rank, 0.0))
    everything = np.array([like for found in groups.values() for like in found])
    count, kinds = len(everything), len(groups)
    total = float(((everything - everything.mean()) ** 2).sum()) if count else 0.0
    if total <= 1e-12 or count <= kinds:
        return 0.0
    within = sum(float(((np.array(found) - np.mean(found)) ** 2).sum()) for found in groups.values())
    return max(0.0, 1 - within / (count - kinds) * (count - 1) / total)
