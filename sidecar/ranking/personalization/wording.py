"""Names of preferences as a merchandiser reads them."""

from sidecar.config.personalization import Personalization
from sidecar.domain.candidate import Candidate
from sidecar.taste.interest import LIKENESS
from sidecar.taste.kinship import KINSHIP
from sidecar.taste.reading import price_band

LIKE_WHAT_WAS_CHOSEN = "like what was looked at"


def worded(name: str, candidate: Candidate, settings: Personalization) -> str:
    """What a column of traits is for this hit: "brand: Foxmoor", "price: 16 to 32", "rating"."""
    if name == KINSHIP:
        return "liked by the same shoppers"
    if name == LIKENESS:
        return LIKE_WHAT_WAS_CHOSEN
    attribute_name, _, number = name.partition(".")
    attribute = settings.attributes.get(attribute_name)
    if attribute is None:
        return name
    values = candidate.fields.get(attribute.field)
    place = int(number or 1)
    if not values or len(values) < place:
        return attribute_name
    value = values[-place]
    if attribute.bands is None:
        return f"{attribute_name}: {value}"
    band = price_band(value, attribute.bands)
    if band is None:
        return attribute_name
    low, high = 2 ** (band / attribute.bands), 2 ** ((band + 1) / attribute.bands)
    return f"{attribute_name}: {low:.4g} to {high:.4g}"
