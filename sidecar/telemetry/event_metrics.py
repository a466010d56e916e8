"""What Prometheus can read of events. Labels are short fixed words, never ids."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from sidecar.telemetry.metrics import LATENCY_BUCKETS


class EventMetrics:
    """Metrics of the events' way in, in a service's registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self.events = Counter(
            "reshelf_events",
            "Events that came in, by road and by what became of them.",
            ["source", "outcome"],
            registry=registry,
        )
        self.refused = Counter(
            "reshelf_events_refused",
            "Events that were refused, by the field that was wrong.",
            ["source", "field"],
            registry=registry,
        )
        self.requests = Counter(
            "reshelf_event_requests",
            "Requests with events, by edge and outcome.",
            ["edge", "outcome"],
            registry=registry,
        )
        self.acknowledged = Histogram(
            "reshelf_event_acknowledge_seconds",
            "Wall time from a request's arrival until its events were on disk.",
            ["edge"],
            buckets=LATENCY_BUCKETS,
            registry=registry,
        )
        self.follower_leads = Gauge(
            "reshelf_follower_leads", "1 while this sidecar reads the shop's own events.", registry=registry
        )
        self.follower_behind = Gauge(
            "reshelf_follower_behind",
            "Operations in the shop's own indices that are not read yet.",
            registry=registry,
        )
        self.follower_failures = Counter(
            "reshelf_follower_failures",
            "Looks at the shop's own indices that failed, by reason.",
            ["reason"],
            registry=registry,
        )
        self.follower_reached = Gauge(
            "reshelf_follower_reached",
            "When OpenSearch last answered the follower, in seconds since 1970.",
            registry=registry,
        )

    def watch_journal(self, behind: Callable[[], float], size: Callable[[], float]) -> None:
        """Shows a journal's figures."""
        Gauge(
            "reshelf_journal_waiting", "Events that wait to be applied.", registry=self._registry
        ).set_function(behind)
        Gauge("reshelf_journal_bytes", "Size of the journal.", registry=self._registry).set_function(size)
