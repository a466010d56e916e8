"""What Prometheus can read of the service. Labels are short fixed words, never ids or queries."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

LATENCY_BUCKETS = (
    *(0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075),
    *(0.01, 0.015, 0.02, 0.03, 0.05, 0.075),
    *(0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0),
)
CANDIDATE_BUCKETS = (0, 1, 10, 20, 50, 100, 200, 300, 500, 1000)

SHARE_BUCKETS = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
DISTANCE_BUCKETS = (0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 1.0)


class Metrics:
    """All metrics of one service, in a registry of its own so that two services can share a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "reshelf_requests",
            "Searches answered, by edge and outcome.",
            ["edge", "outcome"],
            registry=self.registry,
        )
        self.latency = Histogram(
            "reshelf_stage_seconds",
            "Wall time by stage; `total` is from arrival to answer.",
            ["stage"],
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.in_flight = Gauge("reshelf_in_flight", "Searches being answered.", registry=self.registry)
        self.skips = Counter(
            "reshelf_skips",
            "What was left out of answers, by stage and reason.",
            ["stage", "reason"],
            registry=self.registry,
        )
        self.candidates = Histogram(
            "reshelf_candidates",
            "Candidates in a search.",
            buckets=CANDIDATE_BUCKETS,
            registry=self.registry,
        )
        self.scorer_usable = Gauge(
            "reshelf_scorer_usable", "1 while the scorer's canary is answered.", registry=self.registry
        )
        self.canaries = Counter(
            "reshelf_canaries", "Probes of the scorer, by outcome.", ["outcome"], registry=self.registry
        )
        self.repairs = Counter(
            "reshelf_repairs",
            "Models that were loaded again, by outcome.",
            ["outcome"],
            registry=self.registry,
        )
        self.live_model = Gauge(
            "reshelf_live_model",
            "1 for the model that the alias names and searches are ranked by.",
            ["model"],
            registry=self.registry,
        )
        self.switches = Counter(
            "reshelf_model_switches", "Times that the alias named another model.", registry=self.registry
        )
        self.aliases_refused = Counter(
            "reshelf_aliases_refused",
            "Contents of the alias file that were not followed: not valid, or a model that does not answer.",
            registry=self.registry,
        )
        self.shadows = Counter(
            "reshelf_shadow_searches",
            "Searches that a candidate was to rank as well, by outcome.",
            ["model", "outcome"],
            registry=self.registry,
        )
        self.shadow_overlap = Histogram(
            "reshelf_shadow_overlap",
            "Share of the live model's first 10 that the candidate has in its own.",
            ["model"],
            buckets=SHARE_BUCKETS,
            registry=self.registry,
        )
        self.shadow_kendall = Histogram(
            "reshelf_shadow_kendall_distance",
            "Share of the pairs of hits that the candidate orders the other way round.",
            ["model"],
            buckets=DISTANCE_BUCKETS,
            registry=self.registry,
        )
        self.shadow_latency = Histogram(
            "reshelf_shadow_seconds",
            "Wall time of the stage for the searches that were compared, by who ranked.",
            ["model", "ranker"],
            buckets=LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.vocabularies = Gauge(
            "reshelf_vocabularies", "Vocabularies that queries are read against.", registry=self.registry
        )
        self.vocabularies_refused = Counter(
            "reshelf_vocabularies_refused",
            "Versions of vocabularies that were damaged and not used.",
            registry=self.registry,
        )
        self.cache_hits = Counter(
            "reshelf_score_cache_hits", "Scores found in the cache.", registry=self.registry
        )
        self.cache_misses = Counter(
            "reshelf_score_cache_misses", "Scores looked for and not found.", registry=self.registry
        )
        self.cache_evictions = Counter(
            "reshelf_score_cache_evictions", "Scores dropped to make room.", registry=self.registry
        )
        self.cache_bytes = Gauge(
            "reshelf_score_cache_bytes", "Memory that the cached scores take.", registry=self.registry
        )
        self.vector_hits = Counter(
            "reshelf_vector_cache_hits", "Vectors found in the cache.", registry=self.registry
        )
        self.vector_misses = Counter(
            "reshelf_vector_cache_misses", "Vectors looked for and not found.", registry=self.registry
        )
