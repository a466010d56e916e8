"""What Prometheus can read of personalization. Labels are configuration's words: no brands, no shoppers."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from sidecar.telemetry.metrics import SHARE_BUCKETS


class PersonalizationMetrics:
    """Registers itself; one for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.searches = Counter(
            "reshelf_personalization_searches",
            "Searches by what personalization did: personalized, unknown (nothing is known of the shopper "
            "or of these hits), anonymous, off (strength 0), or the reason of a skip.",
            ["outcome"],
            registry=registry,
        )
        self.unreadable = Counter(
            "reshelf_profiles_unreadable",
            "Profiles that were damaged or of another version, and were set aside; `record` or `taste`.",
            ["what"],
            registry=registry,
        )
        self.exposure = Histogram(
            "reshelf_personalization_exposure_share",
            "Greatest share of one value in the first places of personalized searches, by attribute, before "
            "and after.",
            ["attribute", "order"],
            buckets=SHARE_BUCKETS,
            registry=registry,
        )
        self.held_back = Counter(
            "reshelf_personalization_held_back",
            "Personalized searches in which a guardrail changed the order that taste asked for.",
            ["guardrail"],
            registry=registry,
        )
