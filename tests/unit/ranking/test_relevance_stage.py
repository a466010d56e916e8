"""The relevance stage: cache, scorer, blend, and what it does when the scorer does not."""

import math
from collections.abc import Sequence

import pytest

from sidecar.config.profile import Profile
from sidecar.domain.ranking import Skip
from sidecar.domain.search import Search
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.order import OrderScorer
from sidecar.ranking.relevance.scorer import (
    Scorer,
    ScorerFailed,
    ScorerLate,
    ScorerOverloaded,
    ScorerUnavailable,
)
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.stage import StageResult, StageSkipped
from sidecar.ranking.standing import first_stage
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.scorers import ScriptedScorer
from tests.fixtures.searches import profile, search

MIB = 1024 * 1024
TITLES = ["blue hat", "green sofa", "red shoes", "red hat"]


def stage(scorer: Scorer, cache_bytes: int = MIB) -> RelevanceStage:
    return RelevanceStage(scorer, ScoreCache(cache_bytes, Metrics()), KnownVectors(scorer, MIB, Metrics()))


async def apply(relevance: RelevanceStage, asked: Search, how: Profile | None = None) -> StageResult:
    how = how or profile(model=1, first_stage=0)
    return await relevance.apply(asked, how, first_stage(asked.candidates), asked.deadline)


def ranks(result: StageResult) -> list[int]:
    return [candidate.rank for candidate in result.standing.candidates]


async def test_the_better_text_comes_first() -> None:
    result = await apply(stage(ScriptedScorer()), search(TITLES))
    assert ranks(result) == [3, 4, 1, 2]
    assert result.candidates == 4
    assert result.versions == {"model": "scripted@1"}
    assert not result.skipped


async def test_texts_go_best_first_and_only_as_many_as_the_profile_says() -> None:
    scorer = ScriptedScorer()
    result = await apply(stage(scorer), search(TITLES), profile(count=3, model=1, first_stage=0))
    assert scorer.asked == [TITLES[:3]]
    assert ranks(result) == [3, 1, 2, 4]
    assert not result.skipped, "the profile asked for no more"


async def test_known_scores_are_not_asked_for_again() -> None:
    scorer = ScriptedScorer()
    relevance = stage(scorer)
    first = await apply(relevance, search(TITLES))
    again = await apply(relevance, search([*TITLES, "red velvet shoes"], query=" RED  shoes"))
    assert scorer.asked[1:] == [["red velvet shoes"]]
    assert again.figures == {"scored": 5, "cache_hits": 4}
    assert ranks(first) == [rank for rank in ranks(again) if rank != 5]


async def test_without_a_cache_all_is_asked_again() -> None:
    scorer = ScriptedScorer()
    relevance = stage(scorer, cache_bytes=0)
    await apply(relevance, search(TITLES))
    await apply(relevance, search(TITLES))
    assert scorer.asked == [TITLES, TITLES]


async def test_scores_of_two_models_are_not_mixed() -> None:
    scorer = ScriptedScorer()
    relevance = stage(scorer)
    await apply(relevance, search(TITLES))
    scorer.fingerprint = "scripted@2"  # rolled out while nobody looked
    result = await apply(relevance, search([*TITLES, "red velvet shoes"]))
    assert scorer.asked[1:] == [["red velvet shoes"], TITLES]
    assert result.versions == {"model": "scripted@2"}
    assert not result.skipped


async def test_the_part_that_was_scored_is_on_top() -> None:
    scorer = ScriptedScorer()
    scorer.answer = lambda _, texts: [0.1, 0.9, *[math.nan] * (len(texts) - 2)]
    result = await apply(stage(scorer), search(TITLES))
    assert ranks(result) == [2, 1, 3, 4]
    assert list(result.skipped) == [Skip("relevance", "partly_scored", 2)]
    assert result.candidates == 2


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ScorerUnavailable("gone"), "scorer_unavailable"),
        (ScorerOverloaded("full"), "scorer_overloaded"),
        (ScorerLate("late"), "out_of_time"),
        (ScorerFailed("wrong"), "scorer_failed"),
    ],
)
async def test_a_scorer_without_scores_skips_the_stage(error: Exception, reason: str) -> None:
    scorer = ScriptedScorer()
    scorer.error = error
    with pytest.raises(StageSkipped) as skipped:
        await apply(stage(scorer), search(TITLES))
    assert skipped.value.reason == reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda texts: [0.5] * (len(texts) - 1), "scorer_failed"),
        (lambda texts: [0.5] * (len(texts) + 1), "scorer_failed"),
        (lambda texts: [], "scorer_failed"),
        (lambda texts: [math.inf] * len(texts), "scorer_failed"),
        (lambda texts: [[0.5]] * len(texts), "scorer_failed"),
        (lambda texts: [math.nan] * len(texts), "out_of_time"),
    ],
    ids=["short", "long", "empty", "infinite", "wrong shape", "all NaN"],
)
async def test_answers_that_cannot_be_trusted(answer: object, reason: str) -> None:
    def answered(_: str, texts: Sequence[str]) -> Sequence[float]:
        return answer(texts)  # type: ignore[operator, no-any-return]

    scorer = ScriptedScorer()
    scorer.answer = answered
    with pytest.raises(StageSkipped) as skipped:
        await apply(stage(scorer), search(TITLES))
    assert skipped.value.reason == reason


async def test_an_answer_without_a_model_is_refused() -> None:
    scorer = ScriptedScorer(model="")
    with pytest.raises(StageSkipped):
        await apply(stage(scorer), search(TITLES))


async def test_documents_without_text_are_left_to_the_first_stage() -> None:
    scorer = ScriptedScorer()
    result = await apply(stage(scorer), search(["blue hat", "", "red shoes"]))
    assert scorer.asked == [["blue hat", "red shoes"]]
    assert ranks(result) == [3, 2, 1], "the average stands between good and bad"
    assert result.figures["without_text"] == 1


async def test_no_document_has_text() -> None:
    scorer = ScriptedScorer()
    result = await apply(stage(scorer), search(["", " ", ""]))
    assert scorer.asked == []
    assert ranks(result) == [1, 2, 3]


async def test_contributions_add_up_when_asked_for() -> None:
    scorer = ScriptedScorer()
    scorer.answer = lambda _, texts: [0.1, 0.9, 0.3, math.nan]
    result = await apply(stage(scorer), search(TITLES, explain=True), profile())
    for score, parts in zip(result.standing.scores, result.standing.contributions, strict=True):
        assert sum(part.value for part in parts) == pytest.approx(score)
    assert [part.name for part in result.standing.contributions[-1]] == ["not_scored"]
    assert (await apply(stage(scorer), search(TITLES))).standing.contributions == ()


async def test_the_order_scorer_needs_no_text() -> None:
    class Unreadable(dict[str, list[str]]):
        def get(self, *_: object) -> list[str]:
            raise AssertionError("read")

    asked = search(TITLES)
    for candidate in asked.candidates:
        candidate.fields = Unreadable()
    assert ranks(await apply(stage(OrderScorer()), asked)) == [1, 2, 3, 4]
