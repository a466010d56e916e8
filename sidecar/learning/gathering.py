"""Examples from a real index: the hits of a plain search, described by the code that serves."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from opensearchpy import OpenSearch

from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile
from sidecar.domain.deadline import Deadline
from sidecar.domain.features import FEATURES
from sidecar.domain.search import Search
from sidecar.evaluation.arms.in_process import plain_candidates
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.inference import Encoder, ModelFolderError
from sidecar.learning.example import Example, gains_of
from sidecar.opensearch.connection import explained
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownScores, KnownVectors
from sidecar.ranking.relevance.learned import LearnedRelevance
from sidecar.ranking.relevance.onnx import OnnxScorer
from sidecar.ranking.relevance.scorer import ScorerError
from sidecar.ranking.standing import first_stage
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary
from sidecar.telemetry.metrics import Metrics

PATIENCE = 600.0
"""Seconds for one query: what is measured is the order, not the time."""

CACHE_BYTES = 256 * 1024 * 1024


def gather(
    client: OpenSearch,
    index: str,
    queries: Sequence[JudgedQuery],
    profile: Profile,
    model: Path,
    *,
    read_pairs: bool,
    on_query: Callable[[int, str], None],
) -> tuple[list[Example], str]:
    """An example for each query that finds anything, and the model's fingerprint.

    Raises ClusterError, ConfigurationError for a model that cannot be used.
    """
    try:
        encoder = Encoder.load(model)
    except ModelFolderError as error:
        raise ConfigurationError(f"--model: {error}") from error
    return asyncio.run(
        _gather(client, index, queries, profile, OnnxScorer(encoder), read_pairs, on_query)
    ), encoder.fingerprint


async def _gather(
    client: OpenSearch,
    index: str,
    queries: Sequence[JudgedQuery],
    profile: Profile,
    scorer: OnnxScorer,
    read_pairs: bool,
    on_query: Callable[[int, str], None],
) -> list[Example]:
    learned = LearnedRelevance(
        KnownScores(scorer, ScoreCache(0, Metrics())), KnownVectors(scorer, CACHE_BYTES, Metrics())
    )
    examples = []
    try:
        for number, (query, search) in enumerate(_searches(client, index, queries, profile), 1):
            if search.candidates:
                examples.append(await _described(learned, query, search, profile, read_pairs))
            on_query(number, query.text)
    except ScorerError as error:
        raise ConfigurationError(f"--model: {error}") from error
    finally:
        await scorer.close()
    return examples


def _searches(
    client: OpenSearch, index: str, queries: Sequence[JudgedQuery], profile: Profile
) -> Iterator[tuple[JudgedQuery, Search]]:
    """What the plugin would send for each query."""
    features = profile.relevance.features
    fields = [*profile.document.fields, *features.read_by(frozenset(FEATURES))]
    reader = Reader(Vocabulary.without_catalogue())
    for query in queries:
        with explained(f"searching `{index}`"):
            candidates = plain_candidates(
                client, index, query.text, profile.relevance.candidates, list(dict.fromkeys(fields))
            )
        search = Search(
            query.text,
            candidates,
            Deadline.after(PATIENCE),
            index=index,
            understanding=reader.read(query.text),
        )
        yield query, search


async def _described(
    learned: LearnedRelevance, query: JudgedQuery, search: Search, profile: Profile, read_pairs: bool
) -> Example:
    standing = first_stage(search.candidates)
    described = await learned.describe(search, profile, frozenset(FEATURES), standing, search.deadline, {})
    count = len(standing.candidates)
    pairs = np.full(count, np.nan)
    if read_pairs:
        pairs, _ = await learned.pairs(query.text, described, np.arange(count), search.deadline, {})
    gains, ideal = gains_of([candidate.id for candidate in standing.candidates], query.labels)
    return Example(query.text, described.columns, pairs, gains, ideal)
