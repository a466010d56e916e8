"""What Prometheus can read of the rules' versions."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class ReleaseMetrics:
    """Registers itself; one for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.release = Gauge(
            "reshelf_rules_release",
            "The number of the version of layout rules that searches are arranged by; 0: none.",
            registry=registry,
        )
        self.rules = Gauge("reshelf_rules", "Layout rules that are live.", registry=registry)
        self.left_out = Gauge(
            "reshelf_rules_left_out",
            "Rules of the live version that could not be compiled.",
            registry=registry,
        )
        self.behind = Gauge(
            "reshelf_rules_behind",
            "1 while a newer version is there that this sidecar cannot use.",
            registry=registry,
        )
        self.refused = Counter(
            "reshelf_rules_refused",
            "Versions of layout rules that could not be used: damaged, changed, of a newer sidecar.",
            registry=registry,
        )
        self.store_failures = Counter(
            "reshelf_rules_store_failures",
            "Looks for a newer version that the store did not answer.",
            registry=registry,
        )
