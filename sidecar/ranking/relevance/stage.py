"""Relevance: how well each candidate answers the query."""

import math
from collections.abc import Sequence

import numpy as np

from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Contribution, Skip, SkipReason
from sidecar.domain.search import Search
from sidecar.ranking.relevance.blend import Blend, blend
from sidecar.ranking.relevance.cache import ScoreCache, normalised
from sidecar.ranking.relevance.document_text import document_text
from sidecar.ranking.relevance.known import KnownScores, KnownVectors
from sidecar.ranking.relevance.learned import LearnedRelevance
from sidecar.ranking.relevance.scorer import Scorer, ScorerError
from sidecar.ranking.stage import StageResult, StageSkipped
from sidecar.ranking.standing import FloatArray, Standing

NAME = "relevance"


class RelevanceStage:
    """Scores the best candidates that fit into the time and blends in the first stage's opinion."""

    name = NAME

    def __init__(self, scorer: Scorer, cache: ScoreCache, vectors: KnownVectors) -> None:
        """`vectors` are the same scorer's, for learned blends."""
        self._scorer = scorer
        self._known = KnownScores(scorer, cache)
        self._learned = LearnedRelevance(self._known, vectors)

    async def apply(
        self, search: Search, profile: Profile, standing: Standing, deadline: Deadline
    ) -> StageResult:
        """The standing by relevance. Raises StageSkipped with the scorer's reason where it has no scores."""
        blend = profile.relevance.blend
        if blend is None or not self._scorer.reads_text:
            return await self._by_weights(search, profile, standing, deadline)
        try:
            return await self._learned.apply(search, profile, blend, standing, deadline)
        except ScorerError as error:
            raise StageSkipped(error.reason) from error

    async def _by_weights(
        self, search: Search, profile: Profile, standing: Standing, deadline: Deadline
    ) -> StageResult:
        best = standing.candidates[: profile.relevance.candidates]
        figures: dict[str, float] = {"scored": len(best)}
        try:
            scores, model = await self._scores(search.query, best, profile, deadline, figures)
        except ScorerError as error:
            raise StageSkipped(error.reason) from error
        late = int(np.isnan(scores).sum())
        everyone = np.full(len(standing.candidates), np.nan)
        everyone[: len(best)] = scores
        mixed = blend(everyone, standing.scores, profile.relevance.weights)
        return StageResult(
            Standing(
                [standing.candidates[place] for place in mixed.order.tolist()],
                mixed.scores,
                _contributions(mixed) if search.explain else (),
            ),
            candidates=len(best) - late,
            skipped=[Skip(NAME, SkipReason.PARTLY_SCORED, late)] if late else (),
            figures=figures,
            versions={"model": model},
        )

    async def _scores(
        self,
        query: str,
        candidates: Sequence[Candidate],
        profile: Profile,
        deadline: Deadline,
        figures: dict[str, float],
    ) -> tuple[FloatArray, str]:
        """The model's scores float64 [n], NaN for those it had no time for, and its fingerprint."""
        words = normalised(query)
        if not self._scorer.reads_text:
            answer = await self._scorer.score(words, [""] * len(candidates), deadline)
            return answer.values.astype(np.float64), answer.model
        texts = [document_text(candidate.fields, profile.document) for candidate in candidates]
        written = [place for place, text in enumerate(texts) if text]
        scores = np.full(len(candidates), np.nan)
        found, model = await self._known.of(words, [texts[i] for i in written], deadline, figures)
        scores[written] = found
        if len(written) < len(candidates):
            # A document without any text says nothing: it gets the average, so that only BM25 moves it.
            blank = np.array([not text for text in texts])
            scores[blank] = np.nanmean(scores) if written else 0.0
            figures["without_text"] = int(blank.sum())
        return scores, model


def _contributions(mixed: Blend) -> list[Sequence[Contribution]]:
    """What added up to each score, in the new order."""
    parts: list[Sequence[Contribution]] = []
    for score, model, first in zip(
        mixed.scores.tolist(), mixed.model_part.tolist(), mixed.first_stage_part.tolist(), strict=True
    ):
        if math.isnan(model):
            parts.append((Contribution(NAME, "not_scored", score),))
        else:
            parts.append((Contribution(NAME, "model", model), Contribution(NAME, "first_stage", first)))
    return parts
