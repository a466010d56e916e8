"""Asks a shop's search for pages as a crawler does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from opensearchpy import OpenSearch

from sidecar.domain.ranking import SkipReason
from sidecar.evaluation.arms.in_process import candidates_of
from sidecar.evaluation.arms.through_pipeline import why_incomplete
from sidecar.opensearch.connection import explained
from sidecar.opensearch.query import bm25_query
from sidecar.seo.crawled import Crawled, ResultPage

AS_ASKED = (SkipReason.CRAWLER, SkipReason.NO_CONSENT)
CRAWLER = {"crawler": True, "layout": True, "structured_data": True}


@dataclass(frozen=True, slots=True)
class CrawlPlan:
    """How a query is asked for: `pages` of `size` hits; the first page again `repeats` times, and by so many
    anonymous `strangers`. `fields` are the documents' that are looked at."""

    size: int = 10
    pages: int = 2
    repeats: int = 3
    strangers: int = 3
    fields: Sequence[str] = ()

    @property
    def searches(self) -> int:
        """How many searches that is for one query."""
        return self.pages + 1 + self.repeats + self.strangers


class Crawler:
    """Searches an index through its default search pipeline."""

    def __init__(self, client: OpenSearch, index: str, plan: CrawlPlan) -> None:
        self._client = client
        self._index = index
        self._plan = plan

    def crawl(self, query: str) -> Crawled:
        """All that the plan asks for. Raises ClusterError."""
        plan = self._plan
        with explained(f"searching `{self._index}`"):
            return Crawled(
                query,
                [self._page(query, page * plan.size, plan.size, CRAWLER) for page in range(plan.pages)],
                self._page(query, 0, plan.pages * plan.size, CRAWLER).ids,
                [self._page(query, 0, plan.size, CRAWLER).ids for _ in range(plan.repeats)],
                [self._page(query, 0, plan.size, _stranger()).ids for _ in range(plan.strangers)],
            )

    def _page(self, query: str, start: int, size: int, who: dict[str, Any]) -> ResultPage:
        body = {
            "query": bm25_query(query),
            "from": start,
            "size": size,
            "_source": list(self._plan.fields),
            "ext": {"reshelf": who},
        }
        found = self._client.search(index=self._index, body=body)
        hits = found["hits"]["hits"]
        # A hit that was brought in from beyond the search has no score.
        candidates = candidates_of([{**hit, "_score": hit.get("_score") or 0.0} for hit in hits])
        layout = ((found.get("ext") or {}).get("reshelf") or {}).get("layout") or {}
        total = found["hits"].get("total", {}).get("value", len(hits))
        return ResultPage(candidates, total, _incomplete(found) if hits else "", layout)


def _incomplete(found: dict[str, Any]) -> str:
    """Why the answer is not ranked as it should be. That it is not personal is as it should be."""
    reasons = why_incomplete(found).split(",")
    return ",".join(reason for reason in reasons if reason not in AS_ASKED)


def _stranger() -> dict[str, Any]:
    """Somebody new who is not to be remembered: an audit must leave no trace in profiles and logs."""
    return {"session_id": f"audit-{uuid4().hex}", "consent": False}
