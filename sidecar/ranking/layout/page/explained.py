"""The page's part of an explained search: how varied it is, who is exposed, what rules did to the list."""

from typing import Any

from sidecar.config.profile import Profile
from sidecar.ranking.layout.page.facts import PageFacts
from sidecar.ranking.layout.page.hit_values import aspects, deepest, leading
from sidecar.ranking.layout.page.overlap import rank_biased_overlap
from sidecar.ranking.layout.page.spread import entropy, exposure, intra_list_diversity

FIRST = 10
MOST_VALUES = 5
MOST_HIDDEN = 100


def explained(facts: PageFacts, profile: Profile) -> dict[str, Any]:
    """Diversity, entropies (bits) and exposure of the first ten, beside those of the order as it came in."""
    named = profile.relevance.features
    told: dict[str, Any] = {"first": FIRST}
    for when, hits in (("shown", facts.candidates[:FIRST]), ("incoming", facts.incoming[:FIRST])):
        fields = [hit.fields for hit in hits]
        brands = [brand for one in fields if (brand := leading(one, named.brand).casefold())]
        categories = [leaf for one in fields if (leaf := deepest(one, named.category).casefold())]
        told[when] = {
            "diversity": round(intra_list_diversity([aspects(one, named) for one in fields]), 4),
            "brand_entropy": round(entropy(brands), 4),
            "category_entropy": round(entropy(categories), 4),
            "exposure": {"brand": _first(exposure(brands)), "category": _first(exposure(categories))},
        }
    shown = [candidate.rank for candidate in facts.candidates]
    incoming = [candidate.rank for candidate in facts.incoming]
    told["overlap_with_incoming"] = round(rank_biased_overlap(shown, incoming), 4)
    if facts.constraints:
        told["constraints"] = [dict(constraint) for constraint in facts.constraints]
    if facts.hidden:
        told["hidden"] = [
            {"id": hit.id, "rule": hit.rule, "by": hit.why} for hit in facts.hidden[:MOST_HIDDEN]
        ]
        told["hidden_total"] = len(facts.hidden)
    return told


def _first(shares: dict[Any, float]) -> dict[str, float]:
    return {str(value): round(share, 4) for value, share in list(shares.items())[:MOST_VALUES]}
