"""What Prometheus can read of the served log."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class ServedMetrics:
    """Registers itself; one for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.written = Counter(
            "reshelf_served_lists_written", "Served lists that the log has kept.", registry=registry
        )
        self.dropped = Counter(
            "reshelf_served_lists_dropped",
            "Served lists that were not kept, by reason; what `served.sample` leaves out is not among them.",
            ["reason"],
            registry=registry,
        )
        self.outcomes_dropped = Counter(
            "reshelf_served_outcomes_dropped",
            "Outcomes that were not kept because the log was away for too long.",
            registry=registry,
        )
        self.waiting = Gauge(
            "reshelf_served_lists_waiting", "Served lists that wait for the log.", registry=registry
        )
        self.recent_bytes = Gauge(
            "reshelf_served_recent_bytes", "Memory that the newest lists take.", registry=registry
        )
        self.unavailable = Counter(
            "reshelf_served_log_failures", "Times that the log did not answer.", registry=registry
        )
        self.unreadable = Counter(
            "reshelf_served_lists_unreadable",
            "Kept lists that are damaged or of another version, and were passed over.",
            registry=registry,
        )
        self.expired = Counter(
            "reshelf_served_lists_expired", "Served lists that were removed for their age.", registry=registry
        )
