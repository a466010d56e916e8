"""The stage with a learned blend: who is embedded, who is read by the cross-encoder, and who ends where."""

import asyncio
import math
from collections.abc import Sequence

import numpy as np
import pytest

from sidecar.config.blend import Blend
from sidecar.config.profile import DocumentText, Profile, RelevanceProfile
from sidecar.domain.ranking import Skip
from sidecar.domain.search import Search
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors, VectorRows
from sidecar.ranking.relevance.order import OrderScorer, word_vectors
from sidecar.ranking.relevance.scorer import Scorer, ScorerOverloaded, ScorerUnavailable, VectorArray
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.stage import StageResult, StageSkipped
from sidecar.ranking.standing import first_stage
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.scorers import ScriptedScorer
from tests.fixtures.searches import search

MIB = 1024 * 1024
TITLES = ["blue hat", "green sofa", "red shoes", "red hat"]
SIMILARITY = Blend(first={"similarity": 1})


def profile(blend: Blend = SIMILARITY, pairs: int = 20, candidates: int = 100) -> Profile:
    return Profile(
        document=DocumentText(fields=["title"]),
        relevance=RelevanceProfile(blend=blend, pairs=pairs, candidates=candidates),
    )


def stage(scorer: Scorer, vector_bytes: int = MIB) -> RelevanceStage:
    return RelevanceStage(scorer, ScoreCache(MIB, Metrics()), KnownVectors(scorer, vector_bytes, Metrics()))


async def apply(relevance: RelevanceStage, asked: Search, how: Profile | None = None) -> StageResult:
    return await relevance.apply(asked, how or profile(), first_stage(asked.candidates), asked.deadline)


def ranks(result: StageResult) -> list[int]:
    return [candidate.rank for candidate in result.standing.candidates]


def never_increasing(result: StageResult) -> bool:
    return bool((np.diff(result.standing.scores) <= 0).all())


async def test_hits_are_ordered_by_their_features() -> None:
    scorer = ScriptedScorer()
    result = await apply(stage(scorer), search(TITLES))
    assert ranks(result) == [3, 4, 1, 2]
    assert scorer.embedded == [["red shoes", *TITLES]], "the query first, then the hits, best first"
    assert scorer.asked == [], "without `final` weights the cross-encoder is left alone"
    assert result.versions == {"model": "scripted@1"}
    assert not result.skipped
    assert never_increasing(result)


async def test_vectors_are_made_once() -> None:
    scorer = ScriptedScorer()
    relevance = stage(scorer)
    first = await apply(relevance, search(TITLES))
    again = await apply(relevance, search([*TITLES, "red velvet"]))
    assert scorer.embedded[1:] == [["red velvet"]]
    assert again.figures["vectors_known"] == 5
    assert ranks(first) == [rank for rank in ranks(again) if rank != 5]


async def test_the_same_search_finds_the_same_scores_again() -> None:
    relevance = stage(ScriptedScorer())
    first, again = await apply(relevance, search(TITLES)), await apply(relevance, search(TITLES))
    assert first.standing.scores.tolist() == again.standing.scores.tolist()


async def test_vectors_of_two_models_are_not_mixed() -> None:
    scorer = ScriptedScorer()
    relevance = stage(scorer)
    await apply(relevance, search(TITLES))
    scorer.fingerprint = "scripted@2"
    result = await apply(relevance, search([*TITLES, "red velvet"]))
    assert scorer.embedded[1:] == [["red velvet"], ["red shoes", *TITLES]]
    assert result.versions == {"model": "scripted@2"}


async def test_vectors_are_not_mixed_when_another_search_brings_in_the_new_model() -> None:
    scorer = ScriptedScorer()
    relevance = stage(scorer)
    await apply(relevance, search(TITLES))
    scorer.fingerprint = "scripted@2"
    # Both find rows of the first model; the one that is answered first makes the second one the known one.
    titles = [[*TITLES, "red velvet"], [*TITLES, "red silk"]]
    for result in await asyncio.gather(*(apply(relevance, search(shelf)) for shelf in titles)):
        assert result.versions == {"model": "scripted@2"}
    assert sorted(map(len, scorer.embedded)) == [1, 1, 5, 5, 5], "both ask again for what they had found"


async def test_scores_of_a_model_that_came_in_between_do_not_join_the_others_vectors() -> None:
    scorer = ScriptedScorer()

    def replaced_meanwhile(_: str, texts: Sequence[str]) -> Sequence[float]:
        scorer.fingerprint = "scripted@2"
        return [1.0] * len(texts)

    scorer.answer = replaced_meanwhile
    blend = Blend(first={"similarity": 1}, final={"pair": 1})
    result = await apply(stage(scorer), search(TITLES), profile(blend, pairs=2))
    assert result.skipped == [Skip("relevance", "model_changed", 2)]
    assert result.versions == {"model": "scripted@1"}
    assert ranks(result) == [3, 4, 1, 2], "the order of the first model alone"


async def test_models_that_make_the_same_vectors_share_them() -> None:
    rows, cache, metrics = VectorRows(MIB), ScoreCache(MIB, Metrics()), Metrics()
    first, second = ScriptedScorer("scripted@1"), ScriptedScorer("scripted@2")
    stages = [
        RelevanceStage(scorer, cache, KnownVectors(scorer, MIB, metrics, rows=rows, model=scorer.fingerprint))
        for scorer in (first, second)
    ]
    await apply(stages[0], search(TITLES))
    result = await apply(stages[1], search([*TITLES, "red velvet"]))
    assert second.embedded == [["red velvet"]]
    assert result.versions == {"model": "scripted@2"}
    second.fingerprint = "scripted@3"  # replaced under its name: it may make others
    await apply(stages[1], search([*TITLES, "red silk"]))
    await apply(stages[0], search([*TITLES, "red velvet"]))
    assert first.embedded == [["red shoes", *TITLES]], "what they shared is as it was"


async def test_without_room_for_vectors_all_are_made_again() -> None:
    scorer = ScriptedScorer()
    relevance = stage(scorer, vector_bytes=0)
    first, again = await apply(relevance, search(TITLES)), await apply(relevance, search(TITLES))
    assert len(scorer.embedded) == 2
    assert ranks(first) == ranks(again)


async def test_the_cross_encoder_reads_the_best_and_reorders_them_alone() -> None:
    scorer = ScriptedScorer()
    scorer.answer = lambda _, texts: [float(text == "red hat") for text in texts]
    blend = Blend(first={"similarity": 1}, final={"pair": 1})
    result = await apply(stage(scorer), search(TITLES), profile(blend, pairs=2))
    assert scorer.asked == [["red shoes", "red hat"]], "the blend's best two, best first"
    assert ranks(result) == [4, 3, 1, 2]
    assert never_increasing(result)


async def test_what_there_was_no_time_for_stays_below_in_the_blends_order() -> None:
    scorer = ScriptedScorer()
    scorer.answer = lambda _, texts: [0.1, 0.9, *[math.nan] * (len(texts) - 2)]
    blend = Blend(first={"similarity": 1}, final={"pair": 1})
    result = await apply(stage(scorer), search(TITLES), profile(blend))
    assert ranks(result) == [4, 3, 1, 2]
    assert list(result.skipped) == [Skip("relevance", "partly_scored", 2)]
    assert never_increasing(result)


async def test_without_a_cross_encoder_the_blend_stands() -> None:
    scorer = ScriptedScorer()

    def refuse(_: str, __: Sequence[str]) -> Sequence[float]:
        raise ScorerOverloaded("full")

    scorer.answer = refuse
    blend = Blend(first={"similarity": 1}, final={"pair": 1})
    result = await apply(stage(scorer), search(TITLES), profile(blend, pairs=3))
    assert ranks(result) == [3, 4, 1, 2]
    assert list(result.skipped) == [Skip("relevance", "scorer_overloaded", 3)]


async def test_without_vectors_the_stage_is_skipped() -> None:
    scorer = ScriptedScorer()
    scorer.error = ScorerUnavailable("gone")
    with pytest.raises(StageSkipped) as skipped:
        await apply(stage(scorer), search(TITLES))
    assert skipped.value.reason == "scorer_unavailable"


async def test_a_query_that_was_not_embedded_says_nothing() -> None:
    scorer = ScriptedScorer()

    def without_the_query(texts: Sequence[str]) -> VectorArray:
        vectors = word_vectors(texts)
        vectors[0] = np.nan
        return vectors

    scorer.vectors = without_the_query
    with pytest.raises(StageSkipped) as skipped:
        await apply(stage(scorer), search(TITLES))
    assert skipped.value.reason == "out_of_time"


async def test_a_query_that_the_model_cannot_read_is_ordered_by_the_rest() -> None:
    scorer = ScriptedScorer()

    def unreadable_query(texts: Sequence[str]) -> VectorArray:
        vectors = word_vectors(texts)
        vectors[texts.index("red shoes")] = 0
        return vectors

    scorer.vectors = unreadable_query
    blend = Blend(first={"similarity": 5, "title_coverage": 1}, final={"pair": 1})
    result = await apply(stage(scorer), search(["blue hat", "green sofa", "red shoes now"]), profile(blend))
    assert ranks(result) == [3, 1, 2], "by its words"
    assert scorer.asked == [], "the cross-encoder cannot read it either"
    assert not result.skipped


async def test_a_hit_that_the_model_cannot_read_is_neither_near_nor_far() -> None:
    scorer = ScriptedScorer()

    def unreadable_sofa(texts: Sequence[str]) -> VectorArray:
        vectors = word_vectors(texts)
        vectors[texts.index("green sofa")] = 0
        return vectors

    scorer.vectors = unreadable_sofa
    result = await apply(stage(scorer), search(["blue lamp", "green sofa", "red shoes", "red shoes now"]))
    assert ranks(result) == [3, 4, 2, 1], "above what is far"
    assert not result.skipped


async def test_hits_that_were_not_embedded_are_counted() -> None:
    scorer = ScriptedScorer()

    def first_three(texts: Sequence[str]) -> VectorArray:
        vectors = word_vectors(texts)
        vectors[3:] = np.nan
        return vectors

    scorer.vectors = first_three
    result = await apply(stage(scorer), search(TITLES))
    assert list(result.skipped) == [Skip("relevance", "partly_scored", 2)]
    assert result.candidates == 2
    assert sorted(ranks(result)) == [1, 2, 3, 4]


async def test_hits_beyond_the_profiles_number_stay_below() -> None:
    result = await apply(stage(ScriptedScorer()), search(TITLES), profile(candidates=3))
    assert ranks(result) == [3, 1, 2, 4]
    assert never_increasing(result)


@pytest.mark.parametrize("pairs", [0, 1, 2, 4])
async def test_contributions_add_up_feature_by_feature(pairs: int) -> None:
    blend = Blend(
        first={"similarity": 1, "first_stage": 0.5}, final={"similarity": 0.5, "title_coverage": 1, "pair": 2}
    )
    asked = search([*TITLES, "red", "hat"], explain=True)
    result = await apply(stage(ScriptedScorer()), asked, profile(blend, pairs=pairs, candidates=5))
    for score, parts in zip(result.standing.scores, result.standing.contributions, strict=True):
        assert sum(part.value for part in parts) == pytest.approx(score)
    named = [{part.name for part in parts} for parts in result.standing.contributions]
    assert all({"similarity", "title_coverage", "pair"} == names for names in named[:pairs])
    assert all("not_read" in names for names in named[pairs:])


async def test_one_hit_and_hits_alike() -> None:
    for titles in (["red shoes"], ["red shoes"] * 5, [""], ["", " "]):
        result = await apply(
            stage(ScriptedScorer()), search(titles), profile(Blend(first={"feedback_5": 1, "similarity": 1}))
        )
        assert ranks(result) == list(range(1, len(titles) + 1))
        assert np.isfinite(result.standing.scores).all()


@pytest.mark.parametrize("query", ["!!! ???", ""])
async def test_a_blend_of_words_alone_keeps_the_order_where_a_query_has_none(query: str) -> None:
    words = Blend(first={"title_coverage": 1, "all_words": 0.5})
    asked = search(TITLES, query=query, explain=True)
    result = await apply(stage(ScriptedScorer()), asked, profile(words))
    assert ranks(result) == [1, 2, 3, 4]
    assert result.standing.scores.tolist() == [0.0] * 4
    assert not result.skipped
    read = Blend(first={"title_coverage": 1}, final={"pair": 1})
    scorer = ScriptedScorer()
    scorer.answer = lambda _, texts: [float(text == "red hat") for text in texts]
    assert ranks(await apply(stage(scorer), asked, profile(read)))[0] == 4, "its pair still counts"


async def test_the_order_keeping_scorer_keeps_the_order() -> None:
    assert ranks(await apply(stage(OrderScorer()), search(TITLES))) == [1, 2, 3, 4]
