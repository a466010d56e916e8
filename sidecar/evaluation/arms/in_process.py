"""A ranking by this process: profiles and models that the running sidecar and Triton do not have."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch

from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Ranking
from sidecar.domain.search import FieldFilter, Search
from sidecar.evaluation.arms.arm import Answer
from sidecar.evaluation.index_readers import IndexReaders
from sidecar.opensearch.query import bm25_query, restricted
from sidecar.ranking.pipeline import RankingPipeline
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.telemetry.metrics import Metrics

PATIENCE = 600.0  # seconds for one search: what is measured is the order, not the time
CACHE_BYTES = 64 * 1024 * 1024


class InProcess:
    """The hits of a plain `_search`, ranked by the same pipeline as the sidecar's, without a deadline."""

    needs_pipeline = False
    reranks = True

    def __init__(self, name: str, profile: Profile, model: Path, readers: IndexReaders) -> None:
        """`model`: a built model's folder. Raises ConfigurationError if it cannot be loaded."""
        self.name = name
        self._profile = profile
        self._readers = readers
        self._pipeline = _ranking_pipeline(name, profile, model)

    def search(self, client: OpenSearch, index: str, query: str, size: int) -> Answer:
        search = Search(
            query,
            plain_candidates(client, index, query, size, self._profile.fields_needed()),
            Deadline.after(PATIENCE),
            index=index,
            understanding=self._readers.of(client, index).read(query),
        )
        ranking = asyncio.run(self._pipeline.rerank(search))
        return Answer([hit.id for hit in ranking.hits], _why_incomplete(ranking), dict(ranking.versions))

    def warm(self, _client: OpenSearch, _index: str, _query: str, _size: int, /) -> str:
        """Nothing to warm: every search takes the time that it needs."""
        return ""


def _ranking_pipeline(name: str, profile: Profile, model: Path) -> RankingPipeline:
    """What `sidecar.app.build` puts together for a service, without the service."""
    from sidecar.inference import Encoder, ModelFolderError
    from sidecar.ranking.relevance.onnx import OnnxScorer

    try:
        encoder = Encoder.load(model)
    except ModelFolderError as error:
        raise ConfigurationError(f"--arms: `{name}`: {error}") from error
    metrics = Metrics()
    scorer = OnnxScorer(encoder)
    stage = RelevanceStage(
        scorer, ScoreCache(CACHE_BYTES, metrics), KnownVectors(scorer, CACHE_BYTES, metrics)
    )
    # Under the profile's own name: it is part of the versions that the model card shows.
    profile_name = name.partition("@")[0]
    return RankingPipeline({profile_name: profile}, profile_name, stage, metrics)


def plain_candidates(
    client: OpenSearch,
    index: str,
    query: str,
    size: int,
    fields: Sequence[str],
    filters: Sequence[FieldFilter] = (),
) -> list[Candidate]:
    """The hits of a plain `_search` as the plugin would send them, with these fields of the documents.
    Without words they are all that the filters let through."""
    words: dict[str, Any] = bm25_query(query) if query.strip() else {"match_all": {}}
    asked = restricted(words, filters) if filters else words
    body = {"query": asked, "size": size, "_source": list(fields)}
    found = client.search(index=index, body=body, params={"search_pipeline": "_none"})
    return candidates_of(found["hits"]["hits"])


def plain_documents(
    client: OpenSearch,
    index: str,
    ids: Sequence[str],
    fields: Sequence[str],
    filters: Sequence[FieldFilter] = (),
) -> dict[str, Mapping[str, FieldValues]]:
    """These fields of documents by id, of those that are there and that the filters let through, as the
    plugin brings in what rules name."""
    named: dict[str, Any] = {"ids": {"values": list(ids)}}
    asked = restricted(named, filters) if filters else named
    body = {"query": asked, "size": len(ids), "_source": list(fields)}
    found = client.search(index=index, body=body, params={"search_pipeline": "_none"})
    return {candidate.id: candidate.fields for candidate in candidates_of(found["hits"]["hits"])}


def candidates_of(hits: Sequence[Mapping[str, Any]]) -> list[Candidate]:
    """A response's hits as the plugin would send them."""
    return [
        Candidate(hit["_id"], rank, float(hit["_score"]), hit["_index"], _fields(hit.get("_source", {})))
        for rank, hit in enumerate(hits, 1)
    ]


def _fields(source: Mapping[str, Any], prefix: str = "") -> dict[str, FieldValues]:
    """Every field's values by its dotted name; absent where there is none."""
    fields: dict[str, FieldValues] = {}
    for name, value in source.items():
        if isinstance(value, Mapping):
            fields.update(_fields(value, f"{prefix}{name}."))
            continue
        values = [one for one in (value if isinstance(value, list) else [value]) if one is not None]
        if values:
            fields[f"{prefix}{name}"] = values
    return fields


def _why_incomplete(ranking: Ranking) -> str:
    """As the plugin reports it; a list without hits has nothing to rank."""
    reasons = [skip.reason for skip in ranking.skipped if not skip.reason.startswith("truncated_")]
    return ",".join(dict.fromkeys(reasons)) if ranking.hits else ""
