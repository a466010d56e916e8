"""What Prometheus can read of the layout. Labels are the language's words, never ids of rules: these are in
the served log, where `reshelf rules stats` counts them."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram

RULE_BUCKETS = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500)


class LayoutMetrics:
    """Registers itself; one for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.searches = Counter(
            "reshelf_layout_searches",
            "Searches by what rules did: arranged, unmoved (some hold, and no hit moved), none (none holds), "
            "no_rules (nothing is published), off (the ranking profile says so).",
            ["outcome"],
            registry=registry,
        )
        self.actions = Counter(
            "reshelf_layout_actions",
            "Actions of rules that held, by kind and outcome: acted, honoured, not honoured, lost, failed.",
            ["action", "outcome"],
            registry=registry,
        )
        # `labels` looks its child up under a lock each time.
        self.search = cache(self.searches.labels)
        self.action = cache(self.actions.labels)
        self.rules = Histogram(
            "reshelf_layout_rules",
            "Rules that held for a search, of those where any did.",
            buckets=RULE_BUCKETS,
            registry=registry,
        )
        self.failures = Counter(
            "reshelf_layout_rule_failures",
            "Rules that failed in a search: they raised, or were too slow.",
            ["why"],
            registry=registry,
        )
        self.switched_off = Counter(
            "reshelf_layout_rules_switched_off",
            "Rules that failed too often in a row and are left out until the next version.",
            registry=registry,
        )
        self.emptied = Counter(
            "reshelf_layout_emptied",
            "Searches of which rules hid every hit.",
            registry=registry,
        )
        self.checks = Counter(
            "reshelf_layout_checks",
            "Documents to be brought in that were asked about before they are shown: shown, hidden (by a "
            "rule), unknown (another version of the rules is live, or a rule failed: left out).",
            ["outcome"],
            registry=registry,
        )
        self.stable = Counter(
            "reshelf_layout_stable_orders",
            "Searches of crawlers and anonymous shoppers, by where their order came from: remembered (the "
            "day's first one), first, incomplete (not remembered).",
            ["order"],
            registry=registry,
        )
