"""What the deadline costs: the arms, what each finds known, and the figures."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from sidecar.benchmark.cascade.arms import EVERYTHING, NO_DEADLINE, CascadeArm, cascade_arms
from sidecar.benchmark.cascade.figures import figures_of
from sidecar.benchmark.cascade.ranker import ANOTHER_QUERY, CascadeRanker, Done, Question, Ranked
from sidecar.benchmark.cascade.report import quality_table, time_table, token_costs
from sidecar.benchmark.cascade.run import WARM_UPS, run_cascade
from sidecar.config.blend import Blend
from sidecar.config.profile import DocumentText, Profile, RelevanceProfile
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.ranking.relevance.scorer import CANARY_TEXT, ScorerLate
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary
from tests.fixtures.scorers import ScriptedScorer
from tests.fixtures.searches import candidates

TITLES = ["blue chair", "red shoes", "red lamp", "garden lamp"]
QUESTION = Question(JudgedQuery(1, "shoes in red", {"id-2": "E", "id-1": "I"}), candidates(TITLES))
PROFILE = Profile(
    document=DocumentText(fields=["title"]),
    relevance=RelevanceProfile(
        candidates=4,
        pairs=2,
        blend=Blend(first={"first_stage": 1, "similarity": 1}, final={"similarity": 1, "pair": 1}),
    ),
)


def ranker(scorer: ScriptedScorer, reserve: float = 0.0) -> CascadeRanker:
    return CascadeRanker(scorer, Reader(Vocabulary.without_catalogue()), "shop", reserve)


def ranked(scorer: ScriptedScorer, arm: CascadeArm, times: int = 1) -> list[Ranked]:
    async def all_of_them() -> list[Ranked]:
        ranking = ranker(scorer)
        return [await ranking.rank(arm, QUESTION) for _ in range(times)]

    return asyncio.run(all_of_them())


def embedded(scorer: ScriptedScorer) -> list[list[str]]:
    """What was embedded for searches, without the wait for the engine between them."""
    return [texts for texts in scorer.embedded if texts != [CANARY_TEXT]]


def test_the_arms_differ_by_pairs_deadline_and_what_is_known() -> None:
    arms = cascade_arms(PROFILE, 0.15)
    told = [(arm.profile.relevance.pairs, arm.deadline, arm.known) for arm in arms]
    assert told == [(4, None, True), (2, None, True), (2, 0.15, True), (2, 0.15, False), (4, 0.15, True)]
    assert [arm.name for arm in arms][:2] == [EVERYTHING, NO_DEADLINE]
    assert PROFILE.relevance.pairs == 2


def test_with_known_documents_only_the_query_is_new_every_time() -> None:
    scorer = ScriptedScorer()
    answers = ranked(scorer, CascadeArm("known", PROFILE), times=2)
    documents, *queries = embedded(scorer)
    assert documents == TITLES, "once"
    assert queries == [[ANOTHER_QUERY], ["shoes in red"]] * 2
    assert [answer.read for answer in answers] == [2, 2], "no score is remembered"
    assert answers[0].ids == answers[1].ids
    assert answers[0].done is Done.FULL


def test_with_nothing_known_everything_is_embedded_every_time() -> None:
    scorer = ScriptedScorer()
    ranked(scorer, CascadeArm("new", PROFILE, known=False), times=2)
    assert embedded(scorer) == [["shoes in red", *TITLES]] * 2


def test_everything_reads_all_hits() -> None:
    [answer] = ranked(ScriptedScorer(), cascade_arms(PROFILE, 0.15)[0])
    assert answer.read == 4
    assert answer.ids[0] == "id-2"


def test_what_does_not_fit_is_told() -> None:
    scorer = ScriptedScorer()
    scorer.answer = lambda query, texts: np.array([1.0] + [np.nan] * (len(texts) - 1), np.float32)
    [answer] = ranked(scorer, CascadeArm("known", PROFILE, 5.0))
    assert (answer.read, answer.done) == (1, Done.PARTLY)


def test_without_vectors_the_search_is_skipped() -> None:
    class Late(ScriptedScorer):
        async def _embed(self, texts, deadline):
            if texts != [CANARY_TEXT]:
                raise ScorerLate("no time")
            return await super()._embed(texts, deadline)

    [answer] = ranked(Late(), CascadeArm("new", PROFILE, 5.0, known=False))
    assert (answer.read, answer.done) == (0, Done.SKIPPED)
    assert answer.ids == [candidate.id for candidate in QUESTION.candidates]


def test_arms_take_turns_and_those_without_a_deadline_run_once() -> None:
    class Noted(CascadeRanker):
        asked: list[str]

        async def rank(self, arm: CascadeArm, question: Question) -> Ranked:
            self.asked.append(arm.name)
            return Ranked([], 0.01, 0, Done.FULL)

    noted = Noted(ScriptedScorer(), Reader(Vocabulary.without_catalogue()), "shop", 0.0)
    noted.asked = []
    arms = [CascadeArm("a", PROFILE), CascadeArm("b", PROFILE, 0.1), CascadeArm("c", PROFILE, 0.1)]
    ticks: list[int] = []
    found = asyncio.run(run_cascade(noted, arms, [QUESTION, QUESTION], 2, ticks.append))
    assert WARM_UPS >= 2
    assert noted.asked[6:] == [*"abc", *"cba", *"cb", *"bc"]
    assert {name: [len(answers) for answers in rounds] for name, rounds in found.items()} == {
        "a": [2],
        "b": [2, 2],
        "c": [2, 2],
    }
    assert ticks == [1, 2, 3, 4]


def answers(*told: tuple[Sequence[str], float, Done]) -> list[Ranked]:
    return [Ranked(ids, seconds, 2, done) for ids, seconds, done in told]


def test_the_figures_of_the_arms() -> None:
    best, worst = ["id-2", "id-1"], ["id-1", "id-2"]
    arms = [
        CascadeArm(EVERYTHING, PROFILE),
        CascadeArm(NO_DEADLINE, PROFILE),
        CascadeArm("deadline", PROFILE, 0.15),
    ]
    slow = answers((best, 0.9, Done.FULL))
    rounds = {
        EVERYTHING: [slow],
        NO_DEADLINE: [slow],
        "deadline": [answers((best, 0.1, Done.FULL)), answers((worst, 0.2, Done.PARTLY))],
    }
    everything, _, late = figures_of(arms, [QUESTION], rounds)
    second_place = 1 / np.log2(3)
    assert everything.ndcg == pytest.approx(1)
    assert (everything.in_time, everything.searches) == (None, 1)
    assert list(everything.against) == [NO_DEADLINE]
    assert late.ndcg == pytest.approx((1 + second_place) / 2), "the mean over the rounds"
    assert (late.in_time, late.searches, late.max_ms) == (1, 2, 200.0)
    assert late.done == {"in full": 1, "partly scored": 1, "skipped": 0}
    assert late.lost(EVERYTHING) == pytest.approx((1 - second_place) / 2)
    assert quality_table([everything, late]).row_count == time_table([everything, late]).row_count == 2


def test_the_cost_of_a_token_is_told() -> None:
    told = token_costs({"pair": 0.000123, "text": 0.0001})
    assert "123 µs a token of a pair, 100 µs a token of a text" in told
