"""From where on a page is told of."""

from dataclasses import dataclass

from sidecar.config.layout import StructuredData
from sidecar.config.profile import FeatureFields, Profile


@dataclass(frozen=True, slots=True)
class Limits:
    """What is still well. Shares are of a page's hits, 0 to 1; a title is short below so many letters."""

    similar: float = 0.85
    fewest_hits: int = 4
    short_title: int = 15
    top_places: int = 3
    unavailable_share: float = 0.3
    greatest_share: float = 0.6
    missing_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the documents hold what is audited. `told`: the profile says so itself, so it is served."""

    named: StructuredData
    features: FeatureFields
    told: bool

    @classmethod
    def of(cls, profile: Profile) -> "Shop":
        """By the profile's own words; by the usual names where it has none."""
        told = profile.layout.structured_data if profile.layout.enabled else None
        return cls(told or StructuredData(), profile.relevance.features, told is not None)

    def fields(self) -> list[str]:
        """The document fields that the audit reads."""
        features = self.features
        read = [*self.named.fields(), features.title, features.brand, features.color, features.category]
        return [name for name in dict.fromkeys(read) if name]
