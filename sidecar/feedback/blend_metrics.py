"""What Prometheus can read of the online blend."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class BlendMetrics:
    """Registers itself; one for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.counts = Gauge(
            "reshelf_online_blend_counts",
            "1 while searches are ranked with the online blend.",
            registry=registry,
        )
        self.gain = Gauge(
            "reshelf_online_blend_gain",
            "Progressive log loss of relevance alone less the blend's, in nats per examined hit.",
            registry=registry,
        )
        self.drifts = Counter(
            "reshelf_online_blend_drifts", "Times that it stopped to count by itself.", registry=registry
        )
