"""Judged queries with their hits ordered by relevance: what every setting of a rule rearranges."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from opensearchpy import OpenSearch

from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import Search
from sidecar.domain.understanding import Understanding
from sidecar.evaluation.arms.in_process import plain_candidates
from sidecar.evaluation.index_readers import IndexReaders
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.opensearch.connection import explained
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.document_text import document_text
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.scorer import Scorer, VectorArray
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.standing import FloatArray, first_stage
from sidecar.telemetry.metrics import Metrics

PATIENCE = 600.0
"""Seconds for one query: what is measured is the order, not the time."""

CACHE_BYTES = 128 * 1024 * 1024
TEXTS = ("bullet_points", "description")
"""Fields that no rule of the benchmark reads: variety is measured on them as well."""


@dataclass(frozen=True, slots=True)
class Laid:
    """One query and its n hits, best first by relevance.

    `scores` float64 [n] never increase; `vectors` float32 [n, width] of length 1 are the model's.
    """

    query: JudgedQuery
    candidates: Sequence[Candidate]
    scores: FloatArray
    vectors: VectorArray
    understanding: Understanding | None = None


@dataclass(frozen=True, slots=True)
class Bed:
    """A shop's judged queries, ranked by one model."""

    name: str
    queries: Sequence[Laid]
    model: str


def lay(
    client: OpenSearch,
    index: str,
    name: str,
    queries: Sequence[JudgedQuery],
    profile: Profile,
    scorer: Scorer,
    on_query: Callable[[int, str], None],
) -> Bed:
    """The bed of those queries that find anything. Raises ClusterError, ScorerError."""
    return asyncio.run(_lay(client, index, name, queries, profile, scorer, on_query))


async def _lay(
    client: OpenSearch,
    index: str,
    name: str,
    queries: Sequence[JudgedQuery],
    profile: Profile,
    scorer: Scorer,
    on_query: Callable[[int, str], None],
) -> Bed:
    metrics = Metrics()
    vectors = KnownVectors(scorer, CACHE_BYTES, metrics)
    stage = RelevanceStage(scorer, ScoreCache(0, metrics), vectors)
    reader = IndexReaders().of(client, index)
    fields = list(dict.fromkeys([*profile.fields_needed(), *TEXTS]))
    found: list[Laid] = []
    for number, query in enumerate(queries, 1):
        with explained(f"searching `{index}`"):
            candidates = plain_candidates(client, index, query.text, profile.relevance.candidates, fields)
        if candidates:
            read = reader.read(query.text)
            search = Search(query.text, candidates, Deadline.after(PATIENCE), index=index, understanding=read)
            ranked = await stage.apply(search, profile, first_stage(candidates), search.deadline)
            order = ranked.standing.candidates
            texts = [document_text(candidate.fields, profile.document) for candidate in order]
            made, _ = await vectors.of(texts, search.deadline, {})
            found.append(Laid(query, order, ranked.standing.scores, np.asarray(made, np.float32), read))
        on_query(number, query.text)
    return Bed(name, found, scorer.model)
