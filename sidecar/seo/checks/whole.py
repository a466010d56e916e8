"""Answers that were not ranked as they should be."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import Finding
from sidecar.seo.limits import Limits, Shop


def not_whole(crawled: Sequence[Crawled], _shop: Shop, _limits: Limits) -> Iterator[Finding]:
    """Searches that were answered without, or with a part of, the ranking, by the reason."""
    by_reason = defaultdict(list)
    for query in crawled:
        if query.first.incomplete:
            by_reason[query.first.incomplete].append(query.query)
    for reason, queries in sorted(by_reason.items()):
        yield Finding(
            "warning",
            "not-ranked",
            queries[0] if len(queries) == 1 else "",
            f"{len(queries)} of {len(crawled)} answers are not fully ranked: {reason}",
            "Ask once more when caches are warm; else give the sidecar time (`deadline`) or processors.",
            share=len(queries) / len(crawled),
        )
