"""Searches without words (category pages), and searches that find nothing: rules act on them as on any."""

import json
from dataclasses import replace

import pytest

from sidecar.config.rules import Rules
from sidecar.domain.hiding_check import HidingCheck
from sidecar.domain.ranking import Ranking, Skip
from sidecar.domain.search import Context, FieldFilter, LayoutWish, Search
from sidecar.profiles.keying import Keys
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.ranking.pipeline import RankingPipeline
from sidecar.ranking.recording import Recorder
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.understanding.step import UnderstandingStep
from sidecar.ranking.understanding.vocabularies import Vocabularies
from sidecar.taste.served_list import ServedList
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.layouts import ALL, compiled
from tests.fixtures.scorers import ScriptedScorer
from tests.fixtures.searches import profile, search

TITLES = ["blue hat", "green sofa", "red shoes"]
SHOES = [FieldFilter("category", ("Shoes",))]
RULES = """
- {id: shoes-page, when: {browse: true, filter: {category: Shoes}}, then: {pin: {id: id-3, position: 1}}}
- id: nothing-found
  when: {result: {at_most: 0}}
  then: [{pin: {id: best, position: 1, on_missing: fetch}}, {metadata: {note: our bestsellers}}]
- {id: misspelt, when: {result: {at_most: 0}, query: {exact: shoes}}, then: {metadata: {found: spelling}}}
"""


class World:
    """A pipeline with rules."""

    def __init__(self, tmp_path: object, text: str = RULES) -> None:
        self.metrics = Metrics()
        self.scorer = ScriptedScorer()
        self.served: list[ServedList] = []
        vocabularies = Vocabularies(tmp_path, 1, self.metrics)  # type: ignore[arg-type]
        found = profile()
        rules = compiled(text) if text else None
        self.pipeline = RankingPipeline(
            {"default": found},
            "default",
            RelevanceStage(
                self.scorer,
                ScoreCache(100_000, self.metrics),
                KnownVectors(self.scorer, 100_000, self.metrics),
            ),
            self.metrics,
            understanding=UnderstandingStep(vocabularies),
            layout=LayoutStage(lambda: rules, LayoutMetrics(self.metrics.registry), Rules()),
            recorder=Recorder(self.served.append, Keys([b"secret"])),
        )

    async def rerank(self, asked: Search) -> Ranking:
        return await self.pipeline.rerank(asked)

    def skips(self) -> float:
        return sum(
            sample.value
            for metric in self.metrics.registry.collect()
            for sample in metric.samples
            if sample.name == "reshelf_skips_total"
        )


async def test_a_rule_acts_on_a_category_page(tmp_path: object) -> None:
    world = World(tmp_path)
    ranking = await world.rerank(search(TITLES, query=" ", filters=SHOES, layout=ALL))
    assert ranking.ranks == [3, 1, 2]
    assert ranking.reranked
    assert list(ranking.skipped) == [Skip("relevance", "no_query_text")]
    assert [report.name for report in ranking.stages] == ["layout"]
    assert world.scorer.asked == []
    assert world.skips() == 0


@pytest.mark.parametrize("rules", ["", RULES], ids=["no rules", "none holds"])
async def test_where_no_rule_holds_the_first_stages_order_stays(tmp_path: object, rules: str) -> None:
    world = World(tmp_path, rules)
    asked = search(TITLES, query="", scores=[1.0, 1.0, 1.0], filters=[FieldFilter("category", ("Hats",))])
    ranking = await world.rerank(asked)
    assert ranking.ranks == [1, 2, 3]
    assert ranking.candidates is asked.candidates
    assert not ranking.reranked
    assert world.skips() == 0


async def test_where_nothing_is_found_a_rule_brings_documents_and_words(tmp_path: object) -> None:
    world = World(tmp_path)
    ranking = await world.rerank(search([], query="zeppelin", layout=ALL))
    assert [(one.id, one.place, one.rule) for one in ranking.fetched] == [("best", 1, "nothing-found")]
    assert ranking.layout is not None
    assert "our bestsellers" in ranking.layout.json
    assert "spelling" not in ranking.layout.json
    assert list(ranking.candidates) == []
    assert ranking.reranked
    assert list(ranking.skipped) == [Skip("relevance", "no_candidates")]
    assert world.skips() == 0


async def test_what_was_searched_holds_rules_where_nothing_is_found(tmp_path: object) -> None:
    ranking = await World(tmp_path).rerank(search([], query="Shoe", layout=ALL))
    assert ranking.layout is not None
    assert "spelling" in ranking.layout.json


async def test_a_check_of_documents_runs_no_stage(tmp_path: object) -> None:
    world = World(tmp_path, "[{id: no-hats, then: {hide: {filter: \"title contains 'hat'\"}}}]")
    check = HidingCheck("1@test", ("no-hats",), 0.0)
    wish = LayoutWish(removes=True, check=check)
    ranking = await world.rerank(search(TITLES, query="", scores=[0.0, 1.0, 2.0], layout=wish))
    assert (ranking.ranks, list(ranking.removed), ranking.check) == ([2, 3], [1], check)
    assert list(ranking.scores) == [1.0, 1.0]
    assert (list(ranking.stages), list(ranking.skipped), ranking.reranked) == ([], [], False)
    assert world.scorer.asked == []
    other = LayoutWish(removes=True, check=replace(check, release="2@test"))
    assert list((await world.rerank(search(TITLES, layout=other))).removed) == [1, 2, 3]
    assert list((await World(tmp_path, "").rerank(search(TITLES, layout=wish))).removed) == [1, 2, 3]


async def test_explained_and_late_searches_without_anything(tmp_path: object) -> None:
    world = World(tmp_path)
    explained = await world.rerank(search([], query="", explain=True, layout=ALL))
    assert explained.stages[-1].figures["fetched"] == 1
    late = await world.rerank(search([], query="x", seconds=-1, layout=ALL))
    assert [one.id for one in late.fetched] == ["best"]


@pytest.mark.parametrize(
    ("rules", "titles", "did"),
    [
        ("[{id: words, when: {result: {at_most: 0}}, then: {metadata: {note: sorry}}}]", [], {"words": "ma"}),
        ("[{id: none-left, then: {hide: {filter: \"title != 'x'\"}}}]", TITLES, {"none-left": "ma"}),
        ("[{id: hats, when: {query: {exact: hat}}, then: {metadata: {note: hats}}}]", [], None),
        ("[{id: bots, when: {crawler: true}, then: {metadata: {note: bots}}}]", [], None),
    ],
    ids=["nothing found", "everything hidden", "no rule holds", "a crawler's"],
)
async def test_an_answer_without_hits_is_recorded_where_rules_held(
    tmp_path: object, rules: str, titles: list[str], did: dict[str, str] | None
) -> None:
    world = World(tmp_path, rules)
    context = Context(crawler="crawler" in rules)
    ranking = await world.rerank(search(titles, query="zeppelin", layout=ALL, context=context))
    assert list(ranking.candidates) == []
    recorded = [(list(one.ids), json.loads((one.versions or {})["rules_did"])) for one in world.served]
    assert recorded == ([] if did is None else [([], did)])
