"""The whole search, with scorers that behave and scorers that do not."""

import asyncio
import logging
import math
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Ranking, Skip
from sidecar.domain.search import Search
from sidecar.ranking.pipeline import RankingPipeline
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.order import OrderScorer
from sidecar.ranking.relevance.scorer import Scorer, ScorerUnavailable
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.understanding.step import UnderstandingStep
from sidecar.ranking.understanding.vocabularies import Vocabularies
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.scorers import ScriptedScorer
from tests.fixtures.searches import profile, search
from tests.fixtures.vocabularies import FOXMOOR, write

TITLES = ["blue hat", "green sofa", "red shoes"]
PROFILES = {"default": profile(), "model_only": profile(model=1, first_stage=0), "two": profile(count=2)}


def pipeline(scorer: Scorer, metrics: Metrics | None = None) -> RankingPipeline:
    metrics = metrics or Metrics()
    stage = RelevanceStage(scorer, ScoreCache(100_000, metrics), KnownVectors(scorer, 100_000, metrics))
    return RankingPipeline(PROFILES, "default", stage, metrics, reserve=0.005)


def ranks(ranking: Ranking) -> list[int]:
    return [hit.rank for hit in ranking.hits]


async def test_a_search_from_end_to_end() -> None:
    metrics = Metrics()
    asked = search(TITLES, profile="model_only", query_id="q-1")
    ranking = await pipeline(ScriptedScorer(), metrics).rerank(asked)
    assert ranks(ranking) == [3, 1, 2]
    assert ranking.reranked
    assert ranking.query_id == "q-1"
    assert ranking.versions["model"] == "scripted@1"
    assert ranking.versions["profile"] == f"model_only@{PROFILES['model_only'].version()}"
    assert [report.name for report in ranking.stages] == ["relevance"]
    assert not ranking.skipped
    assert metrics.registry.get_sample_value("reshelf_stage_seconds_count", {"stage": "relevance"}) == 1


async def test_an_id_is_made_where_none_came() -> None:
    rerank = pipeline(OrderScorer()).rerank
    first, second = await rerank(search(TITLES)), await rerank(search(TITLES))
    assert first.query_id
    assert first.query_id != second.query_id


async def test_an_unknown_profile_is_told_and_the_default_counts() -> None:
    ranking = await pipeline(ScriptedScorer()).rerank(search(TITLES, profile="typo"))
    assert list(ranking.skipped) == [Skip("profile", "unknown_profile")]
    assert ranking.versions["profile"].startswith("default@")
    assert ranking.reranked


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (search(TITLES, query=""), "no_query_text"),
        (search(TITLES, query=" \u3000\n"), "no_query_text"),
        (search([]), "no_candidates"),
        (search(TITLES, seconds=-1), "out_of_time"),
    ],
    ids=["empty", "blank", "no candidates", "late"],
)
async def test_nothing_to_do(asked: Search, reason: str) -> None:
    scorer = ScriptedScorer()
    ranking = await pipeline(scorer).rerank(asked)
    assert list(ranking.skipped) == [Skip("relevance", reason)]
    assert not ranking.reranked
    assert ranks(ranking) == [candidate.rank for candidate in asked.candidates]
    assert scorer.asked == []


async def test_a_scorer_that_is_down_leaves_the_first_stages_order_and_is_counted() -> None:
    metrics = Metrics()
    scorer = ScriptedScorer()
    scorer.error = ScorerUnavailable("gone")
    ranking = await pipeline(scorer, metrics).rerank(search(TITLES))
    assert ranks(ranking) == [1, 2, 3]
    assert not ranking.reranked
    assert list(ranking.skipped) == [Skip("relevance", "scorer_unavailable")]
    labels = {"stage": "relevance", "reason": "scorer_unavailable"}
    assert metrics.registry.get_sample_value("reshelf_skips_total", labels) == 1


async def test_an_error_nobody_foresaw_is_logged_and_never_reaches_the_shopper(
    caplog: pytest.LogCaptureFixture,
) -> None:
    scorer = ScriptedScorer()
    scorer.error = RuntimeError("a bug")
    with caplog.at_level(logging.ERROR):
        ranking = await pipeline(scorer).rerank(search(TITLES, query="secret words"))
    assert ranks(ranking) == [1, 2, 3]
    assert list(ranking.skipped) == [Skip("relevance", "internal_error")]
    assert "a bug" in caplog.text
    assert "secret" not in caplog.text


async def test_cancelling_a_search_cancels_the_scoring() -> None:
    scorer = ScriptedScorer()
    scorer.delay = 60
    task = asyncio.create_task(pipeline(scorer).rerank(search(TITLES)))
    await scorer.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert scorer.cancelled.is_set()


async def test_the_stage_is_given_a_little_less_time_than_the_caller_gave() -> None:
    seen: list[float] = []

    class Watching(OrderScorer):
        async def score(self, query, texts, deadline):  # type: ignore[no-untyped-def]
            seen.append(deadline.at)
            return await super().score(query, texts, deadline)

    asked = search(TITLES, seconds=1)
    await pipeline(Watching()).rerank(asked)
    assert seen == [pytest.approx(asked.deadline.at - 0.005)]


async def test_what_was_cut_on_the_way_in_is_told() -> None:
    cut = Skip("request", "truncated_query")
    ranking = await pipeline(OrderScorer()).rerank(search(TITLES, skipped=[cut]))
    assert list(ranking.skipped) == [cut]


scores = st.floats(width=32, allow_nan=False, allow_infinity=False)
titles = st.one_of(st.text(), st.sampled_from(["red shoes", "红鞋", "x" * 5000, "", "\ud800"]))
shelves = st.lists(st.tuples(titles, scores), max_size=40)


def shelf_search(shelf: list[tuple[str, float]], **more: object) -> Search:
    hits = [
        Candidate(f"id-{place % 3}", place, score, fields={"title": [title]})
        for place, (title, score) in enumerate(shelf, 1)
    ]
    return Search(candidates=hits, deadline=Deadline.after(10), **{"query": "red shoes", **more})  # type: ignore[arg-type]


names = st.sampled_from(["default", "two", "model_only", "typo"])


@given(shelves, st.text(), names, st.randoms(), st.booleans())
def test_every_candidate_once_and_scores_never_increase(shelf, query, name, random, explain) -> None:  # type: ignore[no-untyped-def]
    scorer = ScriptedScorer()
    scorer.answer = lambda _, texts: [random.choice([0.5, -1e30, math.nan, random.random()]) for _ in texts]
    asked = shelf_search(shelf, query=query, profile=name, explain=explain)
    ranking = asyncio.run(pipeline(scorer).rerank(asked))
    assert sorted(ranks(ranking)) == list(range(1, len(shelf) + 1))
    by_rank = {candidate.rank: candidate.id for candidate in asked.candidates}
    assert all(hit.id == by_rank[hit.rank] for hit in ranking.hits)
    found = [hit.score for hit in ranking.hits]
    assert all(math.isfinite(score) for score in found)
    assert found == sorted(found, reverse=True)


@given(shelves, st.sampled_from(["default", "two", "model_only"]))
def test_the_order_scorer_keeps_any_order(shelf, name) -> None:  # type: ignore[no-untyped-def]
    ranking = asyncio.run(pipeline(OrderScorer()).rerank(shelf_search(shelf, profile=name)))
    assert ranks(ranking) == list(range(1, len(shelf) + 1))
    assert ranking.reranked == bool(shelf)


async def test_a_thousand_candidates_take_no_time_to_speak_of() -> None:
    asked = search([f"red shoe {number}" for number in range(1000)])
    started = time.process_time()
    await pipeline(OrderScorer()).rerank(asked)
    assert time.process_time() - started < 0.1


async def test_the_query_is_understood_before_the_stages(tmp_path: Path) -> None:
    seen: list[Search] = []

    class Watching(RelevanceStage):
        async def apply(self, search, profile, standing, deadline):  # type: ignore[no-untyped-def]
            seen.append(search)
            return await super().apply(search, profile, standing, deadline)

    metrics = Metrics()
    vocabulary = write(tmp_path, FOXMOOR).version
    ranking = await understanding_pipeline(Watching, tmp_path, metrics).rerank(
        search(TITLES, query="red foxmoor shoes", index="shop", explain=True)
    )
    assert seen[0].understanding is not None
    assert [entity.value for entity in seen[0].understanding.entities] == ["red", "Foxmoor"]
    assert [report.name for report in ranking.stages] == ["understanding", "relevance"]
    assert ranking.stages[0].figures["brand"] == 1
    assert "intent_attribute" in ranking.stages[0].figures
    assert ranking.versions["vocabulary"] == vocabulary
    count = metrics.registry.get_sample_value("reshelf_stage_seconds_count", {"stage": "understanding"})
    assert count == 1


async def test_without_a_vocabulary_no_version_is_told_and_without_explain_no_figures(tmp_path: Path) -> None:
    ranking = await understanding_pipeline(RelevanceStage, tmp_path).rerank(search(TITLES))
    assert ranking.stages[0].name == "understanding"
    assert ranking.stages[0].figures == {}
    assert "vocabulary" not in ranking.versions


async def test_understanding_alone_is_no_reranking(tmp_path: Path) -> None:
    scorer = ScriptedScorer()
    scorer.error = ScorerUnavailable("gone")
    ranking = await understanding_pipeline(RelevanceStage, tmp_path, scorer=scorer).rerank(search(TITLES))
    assert not ranking.reranked
    assert list(ranking.skipped) == [Skip("relevance", "scorer_unavailable")]


async def test_understanding_that_fails_is_told_and_the_search_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Search:
        raise RuntimeError("a bug")

    monkeypatch.setattr(UnderstandingStep, "understand", broken)
    ranking = await understanding_pipeline(RelevanceStage, tmp_path).rerank(search(TITLES, query="secret"))
    assert ranking.reranked
    assert list(ranking.skipped) == [Skip("understanding", "internal_error")]
    assert "a bug" in caplog.text
    assert "secret" not in caplog.text


async def test_nothing_is_understood_where_there_is_nothing_to_do(tmp_path: Path) -> None:
    ranking = await understanding_pipeline(RelevanceStage, tmp_path).rerank(search([], query="red"))
    assert list(ranking.skipped) == [Skip("relevance", "no_candidates")]
    assert not ranking.stages


def understanding_pipeline(
    stage: type[RelevanceStage], folder: Path, metrics: Metrics | None = None, scorer: Scorer | None = None
) -> RankingPipeline:
    metrics = metrics or Metrics()
    vocabularies = Vocabularies(folder, 1, metrics)
    vocabularies.look()
    scorer = scorer or ScriptedScorer()
    relevance = stage(scorer, ScoreCache(100_000, metrics), KnownVectors(scorer, 100_000, metrics))
    step = UnderstandingStep(vocabularies)
    return RankingPipeline(PROFILES, "default", relevance, metrics, understanding=step)
