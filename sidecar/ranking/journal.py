"""What is told about one search while it is being ranked."""

from sidecar.domain.ranking import Ranking, Skip, StageReport
from sidecar.domain.search import Search
from sidecar.domain.understanding import Understanding
from sidecar.ranking.stage import StageResult
from sidecar.ranking.standing import Arranged, Standing
from sidecar.ranking.understanding.step import figures

UNTOUCHED = Arranged()


class Journal:
    """Collects reports, skips and versions of one search, and closes into the answer."""

    __slots__ = ("_search", "reports", "reranked", "skipped", "versions")

    def __init__(self, search: Search, versions: dict[str, str]) -> None:
        self._search = search
        self.reranked = False
        self.reports: list[StageReport] = []
        self.skipped: list[Skip] = list(search.skipped)
        self.versions = versions

    def skip(self, stage: str, reason: str) -> None:
        """A stage stood aside as a whole."""
        self.skipped.append(Skip(stage, reason))

    def record(self, stage: str, took: float, result: StageResult) -> None:
        """A stage looked at candidates, within `took` seconds."""
        told = result.figures if self._search.explain else {}
        self.reranked = True
        self.reports.append(StageReport(stage, took, result.candidates, told))
        self.skipped.extend(result.skipped)
        self.versions.update(result.versions)

    def understood(self, stage: str, took: float, found: Understanding) -> None:
        """The query was read, within `took` seconds, before any candidate was looked at."""
        told = figures(found) if self._search.explain else {}
        self.reports.append(StageReport(stage, took, 0, told))
        if found.vocabulary:
            self.versions["vocabulary"] = found.vocabulary

    def close(self, standing: Standing, query_id: str, took: float) -> Ranking:
        """The answer: the standing as it is now, and all that was recorded."""
        arranged = standing.arranged or UNTOUCHED
        return Ranking(
            candidates=standing.candidates,
            scores=standing.scores.tolist(),
            contributions=standing.contributions,
            stages=self.reports,
            skipped=self.skipped,
            versions=self.versions,
            query_id=query_id,
            reranked=self.reranked,
            took=took,
            removed=arranged.removed,
            fetched=arranged.fetched,
            layout=arranged.layout,
            touches=arranged.touches,
            check=arranged.check,
        )
