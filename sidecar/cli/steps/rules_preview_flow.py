"""What `reshelf rules preview` does: rank each query once, and lay it out twice."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from opensearchpy import OpenSearch

from sidecar.app import build_scorer, build_triton
from sidecar.cli.steps.local_stack_settings import sidecar_settings
from sidecar.cli.steps.rules_compiling import compiled_or_told
from sidecar.cli.steps.rules_store import opened_releases, rules_in, usable
from sidecar.cli.work_progress import work_progress
from sidecar.config.alias import read_alias
from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile, load_profiles, named_profile
from sidecar.config.sidecar import Scorer as ScorerSettings
from sidecar.config.sidecar import SidecarSettings
from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.evaluation.arms.in_process import plain_candidates, plain_documents
from sidecar.evaluation.preview.described import fields_described
from sidecar.evaluation.preview.model import Preview, QueryPreview
from sidecar.evaluation.preview.run import PreviewRun, Who
from sidecar.opensearch.connection import explained
from sidecar.opensearch.ubi_top_queries import ubi_top_queries
from sidecar.ranking.layout.compiled import CompiledRules, compile_rules
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.order import OrderScorer
from sidecar.ranking.relevance.scorer import Scorer
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.understanding.vocabularies import Vocabularies
from sidecar.rules.folder import read_folder
from sidecar.rules.release import Release
from sidecar.seo.top_queries import top_queries
from sidecar.telemetry.metrics import Metrics

CACHE_BYTES = 16 * 1024 * 1024
NO_RULES = "no rules"


@dataclass(frozen=True)
class PreviewAsked:
    """The command's options."""

    config: Path
    folder: Path
    index: str
    words: Sequence[str]
    file: Path | None
    top: int
    size: int
    profile: str | None
    model: bool
    who: Who


def preview_rules(client: OpenSearch, asked: PreviewAsked) -> Preview:
    """All queries with the folder's rules and with the live ones, those that change most first.

    Raises RulesInvalid, ConfigurationError, ClusterError, ReleasesUnavailable.
    """
    settings = sidecar_settings(asked.config)
    rule_set = read_folder(asked.folder)
    draft = compiled_or_told(rule_set)
    live_name, live = _live(settings, asked.config)
    queries = chosen_queries(client, settings, asked)
    profiles = load_profiles(settings.profiles.folder)
    name = asked.profile or settings.profiles.default
    profile = named_profile(profiles, name)
    found = asyncio.run(_previews(client, settings, asked, queries, name, profile, live, draft))
    return Preview(
        asked.index,
        live_name,
        rule_set.digest[:8],
        datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        sorted(found, key=lambda one: (-len(one.moves), one.query)),
        asked.who.told(),
    )


def chosen_queries(client: OpenSearch, settings: SidecarSettings, asked: PreviewAsked) -> list[str]:
    """Those named; else the most frequent of a file; else of what UBI's clients have asked."""
    if asked.words:
        return list(dict.fromkeys(asked.words))
    if asked.file is not None:
        return top_queries(asked.file, asked.top)
    index = settings.events.follow.queries
    found = ubi_top_queries(client, index, asked.top) if index else []
    if not found:
        raise ConfigurationError(
            f"which queries? The index `{index}` holds none. Name some, or a file with --queries FILE."
        )
    return found


def _live(settings: SidecarSettings, config: Path) -> tuple[str, CompiledRules | None]:
    """The live version's name and rules; none where none are published anywhere."""
    if settings.rules.kind == "none":
        return NO_RULES, None
    with opened_releases(config) as published:
        newest = published.store.latest()
    if newest is None:
        return NO_RULES, None
    release: Release = usable(newest)
    return release.name, compile_rules(rules_in(release), release.name)


async def _previews(
    client: OpenSearch,
    settings: SidecarSettings,
    asked: PreviewAsked,
    queries: Sequence[str],
    name: str,
    profile: Profile,
    live: CompiledRules | None,
    draft: CompiledRules,
) -> list[QueryPreview]:
    metrics = Metrics()
    scorer = _scorer(settings.scorer) if asked.model else OrderScorer()
    vocabularies = Vocabularies(settings.vocabularies.folder, 1.0, metrics)
    vocabularies.look()
    reader = vocabularies.reader_for(asked.index)
    fields = list(dict.fromkeys([*profile.fields_needed(), *fields_described(profile)]))

    def candidates(query: str) -> list[Candidate]:
        with explained(f"searching `{asked.index}`"):
            most = profile.relevance.candidates
            return plain_candidates(client, asked.index, query, most, fields, asked.who.filters)

    def fetch(ids: Sequence[str]) -> Mapping[str, Mapping[str, FieldValues]]:
        with explained(f"reading documents of `{asked.index}`"):
            return plain_documents(client, asked.index, ids, fields, asked.who.filters)

    try:
        relevance = RelevanceStage(
            scorer, ScoreCache(CACHE_BYTES, metrics), KnownVectors(scorer, CACHE_BYTES, metrics)
        )
        run = PreviewRun(relevance, live, draft, name, profile, asked.size)
        found: list[QueryPreview] = []
        with work_progress("Searching", len(queries)) as tick:
            for done, query in enumerate(queries, 1):
                hits = await asyncio.to_thread(candidates, query)
                read = reader.read(query) if query.strip() else None
                made = await run.preview(query, hits, asked.index, read, asked.who, fetch)
                found.append(made)
                tick(done)
        return found
    finally:
        await scorer.close()


def _scorer(settings: ScorerSettings) -> Scorer:
    """The one that the sidecar asks: of an alias the live model. Raises ConfigurationError."""
    alias = settings.triton.alias
    if settings.kind != "triton" or alias is None:
        return build_scorer(settings)
    live = read_alias(alias).live
    if live is None:
        raise ConfigurationError(
            f"{alias}: no model is live. `reshelf model promote`, or preview with --no-model."
        )
    return build_triton(settings.triton, live)
