"""schema.org's description of the hits, as search engines read it from a page of results."""

from collections.abc import Sequence
from typing import Any

from sidecar.config.layout import StructuredData
from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.ranking.layout.page.facts import PageFacts
from sidecar.ranking.layout.page.page_json import page_json
from sidecar.ranking.layout.page.product import Json, product_of

COLOR = "https://schema.org/color"


def described(facts: PageFacts, profile: Profile) -> list[str]:
    """One JSON object for each hit that is shown, best first; none for a profile without `structured_data`.

    A hit that stands for its variants (rules collapsed them on `structured_data.group`) is a ProductGroup,
    any other a Product. What is not known is left out: nothing is null or empty.
    """
    named = profile.layout.structured_data
    if named is None or not profile.layout.enabled:
        return []
    color = profile.relevance.features.color
    return [
        page_json(_item(candidate, facts.variants.get(candidate.rank, ()), named, color))
        for candidate in facts.candidates
    ]


def _item(shown: Candidate, others: Sequence[Candidate], named: StructuredData, color: str) -> Json:
    product = product_of(shown, named)
    groups = {one for candidate in (shown, *others) for one in candidate.fields.get(named.group, ())}
    # Collapsed on another field (a seller, a brand), the hits are no variants of one product.
    if not others or len(groups) != 1 or "name" not in product:
        return product
    kinds = [_colored(candidate, product_of(candidate, named), color) for candidate in (shown, *others)]
    group: dict[str, Any] = {"@type": "ProductGroup", "productGroupID": str(groups.pop())}
    for shared in ("name", "description", "brand", "image", "url", "aggregateRating"):
        if shared in product:
            group[shared] = product[shared]
    if len({kind["color"] for kind in kinds if "color" in kind}) > 1:
        group["variesBy"] = [COLOR]
    group["hasVariant"] = kinds
    return group


def _colored(candidate: Candidate, product: Json, field: str) -> Json:
    color = next((str(value).strip() for value in candidate.fields.get(field, ())), "") if field else ""
    return {**product, "color": color} if color else product
