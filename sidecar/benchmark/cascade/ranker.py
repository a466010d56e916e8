"""One search, ranked as an arm says by the pipeline that serves."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter

from sidecar.benchmark.cascade.arms import CascadeArm
from sidecar.benchmark.cascade.counted import CountedScorer
from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Ranking
from sidecar.domain.search import Search
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.inference.vector_cache import digest
from sidecar.ranking.pipeline import RankingPipeline
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.document_text import document_text
from sidecar.ranking.relevance.known import KnownVectors, VectorRows
from sidecar.ranking.relevance.scorer import CANARY_TEXT, Scorer
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.standing import first_stage
from sidecar.ranking.understanding.reader import Reader
from sidecar.telemetry.metrics import Metrics

PATIENCE = 600.0
"""Seconds for a search without a deadline."""

CATALOGUE_BYTES = 256 * 1024 * 1024
SEARCH_BYTES = 4 * 1024 * 1024
"""For the vectors of one search: some thousand."""

PROFILE = "cascade"
ANOTHER_QUERY = "a query of nobody"


class Done(StrEnum):
    """How far a search came: all that the profile asks for, a part of it, the order that was there."""

    FULL = "in full"
    PARTLY = "partly scored"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Question:
    """A judged query and the hits that every arm ranks."""

    query: JudgedQuery
    candidates: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Ranked:
    """An answer: ids best first, the seconds that it took, how many hits the cross-encoder read."""

    ids: Sequence[str]
    seconds: float
    read: int
    done: Done


class CascadeRanker:
    """Ranks with caches that are made for each search, so that an arm finds what it says and no more."""

    def __init__(self, scorer: Scorer, reader: Reader, index: str, reserve: float) -> None:
        """`scorer` must keep nothing itself. `reserve`: as the sidecar keeps it back, in seconds."""
        self._scorer = CountedScorer(scorer)
        self._reader = reader
        self._index = index
        self._reserve = reserve
        self._metrics = Metrics()
        self._catalogue = KnownVectors(self._scorer, CATALOGUE_BYTES, self._metrics)

    async def rank(self, arm: CascadeArm, question: Question) -> Ranked:
        """The answer, timed from the query's arrival. Raises ScorerError where the model fails before."""
        stage = await self._stage(arm, question)
        pipeline = RankingPipeline({PROFILE: arm.profile}, PROFILE, stage, self._metrics, self._reserve)
        # What the search before gave up may still be running. A search after a pause does not meet it.
        await self._scorer.embed([CANARY_TEXT], Deadline.after(PATIENCE))
        before = self._scorer.scored
        begun = perf_counter()
        ranking = await pipeline.rerank(self._search(question, question.query.text, arm.deadline))
        seconds = perf_counter() - begun
        return Ranked(
            [candidate.id for candidate in ranking.candidates],
            seconds,
            self._scorer.scored - before,
            _done(ranking),
        )

    def _search(self, question: Question, text: str, seconds: float | None) -> Search:
        deadline = Deadline.after(seconds or PATIENCE)
        understood = self._reader.read(text)
        return Search(text, question.candidates, deadline, index=self._index, understanding=understood)

    async def _stage(self, arm: CascadeArm, question: Question) -> RelevanceStage:
        scores = ScoreCache(0, self._metrics)
        if not arm.known or arm.profile.relevance.blend is None:
            return RelevanceStage(
                self._scorer, scores, KnownVectors(self._scorer, SEARCH_BYTES, self._metrics)
            )
        rows, model = await self._known(question, arm.profile)
        vectors = KnownVectors(self._scorer, SEARCH_BYTES, self._metrics, rows=rows, model=model)
        stage = RelevanceStage(self._scorer, scores, vectors)
        # By another query, which has the documents' words read as well.
        await stage.apply(
            self._search(question, ANOTHER_QUERY, None),
            _first_step(arm.profile),
            first_stage(question.candidates),
            Deadline.after(PATIENCE),
        )
        return stage

    async def _known(self, question: Question, profile: Profile) -> tuple[VectorRows, str]:
        """The documents' vectors alone, and the model that made them."""
        texts = [
            document_text(candidate.fields, profile.document)
            for candidate in question.candidates[: profile.relevance.candidates]
        ]
        vectors, model = await self._catalogue.of(texts, Deadline.after(PATIENCE), {})
        rows = VectorRows(SEARCH_BYTES)
        rows.of_width(vectors.shape[1]).put([digest(text) for text in texts], vectors)
        return rows, model


def _first_step(profile: Profile) -> Profile:
    return profile.model_copy(update={"relevance": profile.relevance.model_copy(update={"pairs": 0})})


def _done(ranking: Ranking) -> Done:
    if not ranking.reranked:
        return Done.SKIPPED
    return Done.PARTLY if ranking.skipped else Done.FULL
