"""The audit: crawls every query, runs every check."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sidecar.seo.checks import CHECKS
from sidecar.seo.crawl import Crawler
from sidecar.seo.crawled import Crawled
from sidecar.seo.finding import SEVERITIES, Finding, Severity
from sidecar.seo.limits import Limits, Shop
from sidecar.seo.pictures import Picture, pictures


@dataclass(frozen=True)
class Audit:
    """What was found, worst first; `pictures` are the distributions behind it."""

    index: str
    queries: int
    products: int
    findings: Sequence[Finding]
    pictures: Sequence[Picture] = ()
    crawled: Sequence[Crawled] = field(default=(), repr=False)

    def count(self, severity: Severity) -> int:
        """How many findings are so severe."""
        return sum(finding.severity == severity for finding in self.findings)

    def fails(self, on: Severity) -> bool:
        """Whether anything is as severe as `on`, or worse."""
        return any(self.count(one) for one in SEVERITIES[: SEVERITIES.index(on) + 1])

    def to_json(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "queries": self.queries,
            "products": self.products,
            "counts": {severity: self.count(severity) for severity in SEVERITIES},
            "findings": [finding.to_json() for finding in self.findings],
            "distributions": {picture.name: picture.to_json() for picture in self.pictures},
        }


def crawl_all(
    crawler: Crawler, queries: Sequence[str], on_query: Callable[[int, str], None]
) -> list[Crawled]:
    """Every query's pages, one query after the other. Raises ClusterError."""
    crawled = []
    for number, query in enumerate(queries, 1):
        crawled.append(crawler.crawl(query))
        on_query(number, query)
    return crawled


def audit(index: str, crawled: Sequence[Crawled], shop: Shop, limits: Limits) -> Audit:
    """All checks over what was crawled."""
    found = [finding for check in CHECKS for finding in check(crawled, shop, limits)]
    products = {(hit.index, hit.id) for query in crawled for page in query.pages for hit in page.hits}
    return Audit(
        index,
        len(crawled),
        len(products),
        sorted(found, key=lambda finding: (SEVERITIES.index(finding.severity), -(finding.share or 0))),
        pictures(crawled, shop, limits),
        crawled,
    )
