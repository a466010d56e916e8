"""What Prometheus can read of applied events. Labels are fixed words, never ids."""

from collections import Counter as Words
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class ApplierMetrics:
    """Registers itself; one for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.applied = Counter(
            "reshelf_events_applied",
            "Journal entries by what became of them: applied, duplicate (a replay), forgotten, failed, "
            "no_shopper.",
            ["outcome"],
            registry=registry,
        )
        self.effects = Counter(
            "reshelf_taste_updates", "Events by what they did to a profile.", ["effect"], registry=registry
        )
        self.attributed = Counter(
            "reshelf_events_attributed",
            "Events by where they belong: hit, or why to none.",
            ["result"],
            registry=registry,
        )
        self.behind = Gauge("reshelf_events_behind", "Accepted events not applied yet.", registry=registry)
        self.set_aside = Counter(
            "reshelf_events_set_aside",
            "Entries that failed to apply and were passed over.",
            registry=registry,
        )
        self.lag = Histogram(
            "reshelf_event_apply_seconds",
            "From an event's reading to its effect on the profile.",
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
            registry=registry,
        )
        self.replays = Counter(
            "reshelf_journal_replays",
            "Times that the journal was read again from an earlier entry, by reason.",
            ["reason"],
            registry=registry,
        )
        self.waits = Counter(
            "reshelf_applier_waits", "Times that a store was away and events waited.", registry=registry
        )
        self.pages = Counter("reshelf_pages_closed", "Pages whose impressions count.", registry=registry)
        self.log_loss = Counter(
            "reshelf_taste_log_loss",
            "Sums over closed pages' hits, with and without the taste, for reshelf_taste_log_loss_hits.",
            ["ranking"],
            registry=registry,
        )
        self.clicks_foretold = Counter(
            "reshelf_taste_clicks_foretold",
            "Clicks that reshelf_taste_evidence_nats is of.",
            registry=registry,
        )
        self.evidence = Gauge(
            "reshelf_taste_evidence_nats",
            "Sum over clicks: by how much the taste foretold each better than relevance alone, before it was "
            "learned from.",
            registry=registry,
        )
        self.log_loss_hits = Counter(
            "reshelf_taste_log_loss_hits", "Hits that the log loss is of.", registry=registry
        )


def count_words(metric: Counter, words: Iterable[str]) -> None:
    """Adds to a metric by its only label, one step for each word: a step takes some microseconds."""
    for word, count in Words(words).items():
        metric.labels(word).inc(count)
