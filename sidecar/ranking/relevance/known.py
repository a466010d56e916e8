"""Scores and vectors from what is known already, and from the scorer for the rest."""

import math
from collections.abc import Sequence

import numpy as np

from sidecar.domain.deadline import Deadline
from sidecar.inference.vector_cache import VectorCache, digest
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.scorer import Scorer, VectorArray
from sidecar.ranking.standing import FloatArray
from sidecar.telemetry.metrics import Metrics

PRECISION = np.float16
"""Of kept vectors: an int8 model's are not known to more, and twice as many fit."""


class KnownScores:
    """A scorer behind its score cache."""

    def __init__(self, scorer: Scorer, cache: ScoreCache) -> None:
        self._scorer = scorer
        self._cache = cache

    async def of(
        self, query: str, texts: Sequence[str], deadline: Deadline, figures: dict[str, float]
    ) -> tuple[FloatArray, str]:
        """float64 [n], NaN for those it had no time for, and the model's fingerprint.

        Texts are in order of priority. `figures` is told the cache's hits. Raises ScorerError.
        """
        scores = np.full(len(texts), np.nan)
        for _ in range(2):
            model = self._scorer.model
            keys = self._cache.keys(query, model, texts)
            scores[:] = self._cache.find(keys)
            missing = np.flatnonzero(np.isnan(scores)).tolist()
            figures["cache_hits"] = len(texts) - len(missing)
            if not missing:
                return scores, model
            answer = await self._scorer.score(query, [texts[place] for place in missing], deadline)
            if answer.model != model:
                keys = self._cache.keys(query, answer.model, texts)
            self._cache.keep([keys[place] for place in missing], answer.values.tolist())
            known_of_another_model = answer.model != model and len(missing) < len(texts)
            if known_of_another_model:
                scores[:] = math.nan  # scores of two models cannot be compared
            scores[missing] = answer.values
            if not known_of_another_model or deadline.remaining() <= 0:
                break
        return scores, answer.model


class VectorRows:
    """Where vectors are kept. Models that make the very same vectors may share one."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.cache: VectorCache | None = None

    def of_width(self, width: int) -> VectorCache:
        """The cache, made when the first vector tells its width."""
        if self.cache is None or self.cache.width != width:
            self.cache = VectorCache(self._max_bytes, width, PRECISION)
        return self.cache


class KnownVectors:
    """A scorer's vectors, kept by the content of the text for the model that made them last."""

    def __init__(
        self,
        scorer: Scorer,
        max_bytes: int,
        metrics: Metrics,
        *,
        rows: VectorRows | None = None,
        model: str = "",
    ) -> None:
        """`rows` are what is known already of the vectors of `model`, the fingerprint of the scorer's."""
        self._scorer = scorer
        self._max_bytes = max_bytes
        self._metrics = metrics
        self._rows = rows or VectorRows(max_bytes)
        self._model = model

    async def of(
        self, texts: Sequence[str], deadline: Deadline, figures: dict[str, float]
    ) -> tuple[VectorArray, str]:
        """float32 [n, d], NaN rows for those it had no time for, and the model's fingerprint.

        Texts are in order of priority. `figures` is told how many were known. Raises ScorerError.
        """
        keys = [digest(text) for text in texts]
        for _ in range(2):
            vectors, known, model = self._find(keys)
            figures["vectors_known"] = hits = int(known.sum())
            self._metrics.vector_hits.inc(hits)
            self._metrics.vector_misses.inc(len(texts) - hits)
            if known.all():
                return vectors, model
            missing = np.flatnonzero(~known).tolist()
            answer = await self._scorer.embed([texts[place] for place in missing], deadline)
            # Of the model whose rows were found: another search may have brought in the new one meanwhile.
            known_of_another_model = answer.model != model and len(missing) < len(texts)
            made = np.full((len(texts), answer.values.shape[1]), np.nan, np.float32)
            if known.any() and not known_of_another_model:
                made[known] = vectors[known]
            # As they will be read from the cache: the same search must find the same order again.
            made[missing] = answer.values.astype(PRECISION)
            self._keep([keys[place] for place in missing], answer.values, answer.model)
            if not known_of_another_model or deadline.remaining() <= 0:
                break
        return made, answer.model

    def _find(
        self, keys: Sequence[bytes]
    ) -> tuple[VectorArray, np.ndarray[tuple[int], np.dtype[np.bool_]], str]:
        """Rows [n, d], which of them are known, and the model that made those."""
        cache = self._rows.cache
        if cache is None or self._model != self._scorer.model:
            return np.empty((len(keys), 0), np.float32), np.zeros(len(keys), np.bool_), self._model
        rows = np.empty((len(keys), cache.width), cache.dtype)
        known = cache.fill(keys, rows)
        return rows.astype(np.float32), known, self._model

    def _keep(self, keys: Sequence[bytes], vectors: VectorArray, model: str) -> None:
        """Keeps the rows that were reached; those of another model go."""
        if model != self._model:
            self._rows, self._model = VectorRows(self._max_bytes), model
        reached = np.flatnonzero(~np.isnan(vectors[:, 0])).tolist()
        self._rows.of_width(vectors.shape[1]).put([keys[place] for place in reached], vectors[reached])
