"""Two shoppers, two orders; and all who get the relevance order, exactly."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.config.personalization import Attribute, Personalization, Slope
from sidecar.config.profile import Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Ranking, Skip
from sidecar.domain.search import Consent, Context, FieldFilter, Page, Search, Shopper
from sidecar.profiles.keying import Keys
from sidecar.ranking.personalization.metrics import PersonalizationMetrics
from sidecar.ranking.personalization.stage import PersonalizationStage
from sidecar.ranking.pipeline import RankingPipeline
from sidecar.ranking.recording import Recorder
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.order import OrderScorer
from sidecar.ranking.relevance.scorer import Scorer, ScorerUnavailable
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.taste.served_list import ServedList
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.scorers import ScriptedScorer
from tests.fixtures.searches import profile as plain_profile
from tests.fixtures.tastes import TastesInMemory, taste_for

KEYS = Keys([b"a secret for tests, long enough to be one"])
BRANDS = ["Foxmoor", "Nordby", "Palisade"]
COLORS = ["red", "blue"]
PERSONALIZATION = Personalization(
    attributes={
        "brand": Attribute(field="brand"),
        "color": Attribute(field="color"),
        "price": Attribute(field="price", bands=1),
    },
    slopes={"price_level": Slope(field="price", form="log")},
)
FOX, NORD = Shopper(client_id="fox"), Shopper(client_id="nord")


class World:
    """A pipeline with personalization, and what it remembered."""

    def __init__(
        self, *, scorer: Scorer | None = None, section: Personalization | None = PERSONALIZATION
    ) -> None:
        now = time.time()
        self.profiles = TastesInMemory(
            {
                KEYS.client("fox"): taste_for({"brand": {"Foxmoor": 2.0, "Nordby": -1.0}}, now),
                KEYS.client("nord"): taste_for({"brand": {"Nordby": 2.0}, "color": {"red": 0.7}}, now),
            }
        )
        self.metrics = Metrics()
        self.on = True
        self.served: list[ServedList] = []
        self.profile = plain_profile().model_copy(update={"personalization": section})
        scorer = scorer or OrderScorer()
        relevance = RelevanceStage(
            scorer, ScoreCache(100_000, self.metrics), KnownVectors(scorer, 100_000, self.metrics)
        )
        self.stage = PersonalizationStage(
            self.profiles,
            KEYS,
            PersonalizationMetrics(self.metrics.registry),
            patience=0.02,
            consent_required=False,
            switched_on=lambda: self.on,
        )
        self.pipeline = RankingPipeline(
            {"default": self.profile},
            "default",
            relevance,
            self.metrics,
            personalization=self.stage,
            recorder=Recorder(self.served.append, KEYS),
        )

    async def search(self, shopper: Shopper = FOX, **more: Any) -> Ranking:
        query, found = more.pop("query", "red shoes"), more.pop("candidates", None) or hits()
        asked = Search(query, found, Deadline.after(5), shopper=shopper, **more)
        return await self.pipeline.rerank(asked)

    def outcomes(self, outcome: str) -> float | None:
        return self.metrics.registry.get_sample_value(
            "reshelf_personalization_searches_total", {"outcome": outcome}
        )


def hits(count: int = 30) -> list[Candidate]:
    """Brands and colours in turn; scores fall slowly."""
    return [
        Candidate(
            f"id-{rank}",
            rank,
            10 - rank / 10,
            fields={
                "title": [f"shoe {rank}"],
                "brand": [BRANDS[rank % 3]],
                "color": [COLORS[rank % 2]],
                "price": [10.0 * rank],
            },
        )
        for rank in range(1, count + 1)
    ]


def first_brands(ranking: Ranking, count: int = 5) -> list[str]:
    return [str(candidate.fields["brand"][0]) for candidate in ranking.candidates[:count]]


PLAIN = list(range(1, 31))


async def test_two_shoppers_with_different_tastes_get_different_orders() -> None:
    world = World()
    fox, nord = await world.search(FOX), await world.search(NORD)
    assert first_brands(fox).count("Foxmoor") > first_brands(nord).count("Foxmoor")
    assert first_brands(nord).count("Nordby") > first_brands(fox).count("Nordby")
    assert fox.ranks != PLAIN != nord.ranks
    assert sorted(fox.ranks) == PLAIN
    assert list(fox.scores) == sorted(fox.scores, reverse=True)
    assert fox.versions["personalization"] == nord.versions["personalization"]
    assert [report.name for report in fox.stages] == ["relevance", "personalization"]
    assert not fox.skipped
    assert world.outcomes("personalized") == 2


@pytest.mark.parametrize(
    ("shopper", "more", "outcome", "skipped"),
    [
        (Shopper(client_id="nobody knows"), {}, "unknown", []),
        (Shopper(), {}, "anonymous", []),
        (FOX, {"strength": 0.0}, "off", []),
        (Shopper(client_id="fox", consent=Consent.DENIED), {}, "no_consent", ["no_consent"]),
        (FOX, {"context": Context(crawler=True)}, "crawler", ["crawler"]),
    ],
)
async def test_who_gets_the_relevance_order_exactly(
    shopper: Shopper, more: dict[str, Any], outcome: str, skipped: list[str]
) -> None:
    world = World()
    relevance = await World(section=None).search(Shopper())
    ranking = await world.search(shopper, **more)
    assert ranking.ranks == relevance.ranks
    assert list(ranking.scores) == list(relevance.scores)
    assert list(ranking.skipped) == [Skip("personalization", reason) for reason in skipped]
    assert world.outcomes(outcome) == 1
    assert (world.profiles.reads == 1) == (outcome == "unknown")


async def test_the_kill_switch_counts_at_once() -> None:
    world = World()
    world.on = False
    ranking = await world.search(FOX)
    assert ranking.ranks == PLAIN
    assert list(ranking.skipped) == [Skip("personalization", "switched_off")]
    world.on = True
    assert (await world.search(FOX)).ranks != PLAIN


async def test_consent_can_be_required() -> None:
    world = World()
    world.stage._consent_required = True
    assert (await world.search(FOX)).ranks == PLAIN
    assert not (await world.search(Shopper())).skipped, "nobody said who it is: nothing is left out"
    granted = Shopper(client_id="fox", consent=Consent.GRANTED)
    assert (await world.search(granted)).ranks != PLAIN


async def test_a_slow_store_costs_its_patience_and_a_lost_one_nothing() -> None:
    world = World()
    world.profiles.delay = 60
    started = time.perf_counter()
    ranking = await world.search(FOX)
    assert time.perf_counter() - started < 10
    assert ranking.ranks == PLAIN
    assert list(ranking.skipped) == [Skip("personalization", "store_unavailable")]
    world.profiles.delay, world.profiles.away = 0, True
    assert (await world.search(FOX)).ranks == PLAIN
    assert world.outcomes("store_unavailable") == 2
    world.profiles.away = False
    assert (await world.search(FOX)).ranks != PLAIN


async def test_where_relevance_failed_the_first_stages_order_stays() -> None:
    scorer = ScriptedScorer()
    scorer.error = ScorerUnavailable("gone")
    world = World(scorer=scorer)
    ranking = await world.search(FOX)
    assert ranking.ranks == PLAIN
    assert not ranking.reranked
    assert [skip.stage for skip in ranking.skipped] == ["relevance"]
    assert not world.served


async def test_a_profile_without_the_section_reads_nobody() -> None:
    world = World(section=None)
    assert (await world.search(FOX)).ranks == PLAIN
    assert world.profiles.reads == 0
    (served,) = world.served
    assert served.traits.keys.shape == (30, 0)


async def test_further_pages_are_ordered_by_what_page_one_was() -> None:
    world = World()
    first = await world.search(FOX, query_id="q", page=Page(0, 10))
    world.profiles.tastes[KEYS.client("fox")] = taste_for({"brand": {"Palisade": 3.0}}, time.time())
    second = await world.search(FOX, query_id="q", page=Page(10, 10))
    assert second.ranks == first.ranks
    assert (await world.search(FOX, query_id="q")).ranks == first.ranks, "a page that nobody told"
    other = await world.search(FOX, query_id="q2", page=Page(10, 10))
    assert other.ranks != first.ranks
    anew = await world.search(FOX, query_id="q", page=Page(0, 10))
    assert anew.ranks == other.ranks, "a first page is ordered anew"
    assert (await world.search(NORD, query_id="q", page=Page(10, 10))).ranks != first.ranks


async def test_who_was_unknown_on_page_one_stays_so() -> None:
    world = World()
    new = Shopper(client_id="new")
    await world.search(new, query_id="q", page=Page(0, 10))
    world.profiles.tastes[KEYS.client("new")] = taste_for({"brand": {"Palisade": 3.0}}, time.time())
    assert (await world.search(new, query_id="q", page=Page(10, 10))).ranks == PLAIN
    assert (await world.search(new, query_id="q2", page=Page(0, 10))).ranks != PLAIN


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(st.sampled_from(BRANDS), st.floats(-3, 3), min_size=1),
    st.dictionaries(st.sampled_from(COLORS), st.floats(-3, 3)),
    st.floats(0, 1),
)
def test_contributions_add_up_to_the_score(
    brands: dict[str, float], colors: dict[str, float], strength: float
) -> None:
    world = World()
    world.profiles.tastes[KEYS.client("fox")] = taste_for({"brand": brands, "color": colors}, time.time())
    ranking = asyncio.run(world.search(FOX, explain=True, strength=strength))
    for hit in ranking.hits:
        assert sum(part.value for part in hit.contributions) == pytest.approx(hit.score, abs=1e-9)


async def test_contributions_say_what_it_was() -> None:
    world = World()
    ranking = await world.search(NORD, explain=True)
    top = next(hit for hit in ranking.hits if "Nordby" in str(hit.contributions))
    names = {part.name for part in top.contributions if part.stage == "personalization"}
    assert "brand: Nordby" in names
    assert any(part.stage == "relevance" for part in top.contributions)
    figures = ranking.stages[-1].figures
    assert figures["events"] == 25
    assert 0 < figures["gate"] <= 1
    assert figures["strength"] == 1
    unknown = await world.search(Shopper(client_id="x"), explain=True)
    assert unknown.stages[-1].figures == {"strength": 1}


async def test_what_was_served_is_remembered_without_ids() -> None:
    world = World()
    ranking = await world.search(
        Shopper(client_id="fox", user_id=""),
        query_id="q",
        page=Page(0, 10),
        context=Context("de-AT", "mobile", "app"),
    )
    (served,) = world.served
    assert served.query == KEYS.query("q")
    assert served.shopper == KEYS.client("fox")
    assert served.ids == [candidate.id for candidate in ranking.candidates]
    assert served.ranks.tolist() == ranking.ranks
    assert (served.page_start, served.page_size) == (0, 10)
    assert (served.locale, served.device, served.channel) == ("de-AT", "mobile", "app")
    assert served.versions is not None
    assert served.versions["personalization"] == ranking.versions["personalization"]
    # Further down the guardrails have changed what taste asked for.
    np.testing.assert_allclose((served.scores + served.residuals)[:10], ranking.scores[:10], atol=1e-5)
    assert served.traits.attributes == ["brand", "color", "price"]
    brand_of = {candidate.id: candidate.fields["brand"][0] for candidate in hits()}
    again = world.stage._ready(PERSONALIZATION).traits.read(
        [{"brand": [brand_of[id_]]} for id_ in served.ids], 0
    )
    assert served.traits.keys[:, 0].tolist() == again.keys[:, 0].tolist()
    assert "fox" not in str(served)
    assert "red" not in str(served.versions)


async def test_of_crawlers_nothing_is_remembered_and_of_who_denied_it_not_who() -> None:
    world = World()
    await world.search(FOX, context=Context(crawler=True))
    assert not world.served
    await world.search(Shopper(client_id="fox", consent=Consent.DENIED))
    assert world.served[0].shopper == b""


async def test_the_answer_names_the_query_id_that_is_remembered() -> None:
    world = World()
    ranking = await world.search(FOX)
    assert ranking.query_id
    assert world.served[0].query == KEYS.query(ranking.query_id)


async def test_a_recorder_that_fails_is_nobodys_concern(caplog: pytest.LogCaptureFixture) -> None:
    world = World()

    def broken(_: ServedList) -> None:
        raise RuntimeError("a bug")

    world.pipeline._recorder = Recorder(broken, KEYS)
    assert (await world.search(FOX)).ranks != PLAIN
    assert "a bug" in caplog.text


BROWSING = PERSONALIZATION.model_copy(update={"browsing": 1.0})
SHOES = [FieldFilter("category", ("Shoes",))]


async def test_without_words_the_first_stages_order_stays_and_is_remembered() -> None:
    world = World()
    ranking = await world.search(FOX, query="", filters=SHOES, query_id="q")
    assert ranking.ranks == PLAIN
    assert list(ranking.skipped) == [Skip("relevance", "no_query_text")]
    assert world.outcomes("off") == 1
    assert (
        world.metrics.registry.get_sample_value(
            "reshelf_skips_total", {"stage": "relevance", "reason": "no_query_text"}
        )
        is None
    )
    (served,) = world.served
    assert served.browsed
    assert served.traits.attributes == ["brand", "color", "price"]
    # What the first stage says is in a unit of the shop's own, and nobody's relevance.
    assert not served.scores.any()


async def test_where_a_profile_says_so_taste_counts_without_words_within_the_guardrails() -> None:
    world = World(section=BROWSING)
    # As a function of sales: no unit that a taste could be measured in.
    sold = [replace(one, score=10.0 ** (9 - one.rank / 4)) for one in hits()]
    equal = [replace(one, score=1.0) for one in hits()]
    ranking = await world.search(FOX, query=" ", candidates=sold)
    assert first_brands(ranking).count("Foxmoor") == 5
    assert ranking.ranks == (await world.search(FOX, query="", candidates=equal)).ranks
    reach = BROWSING.guardrails.rank_shift
    assert all(abs(place - rank) <= reach for place, rank in enumerate(ranking.ranks, 1))
    assert list(ranking.scores) == sorted(ranking.scores, reverse=True)
    assert (await world.search(Shopper(), query="")).ranks == PLAIN
    assert (await world.search(Shopper(client_id="nobody knows"), query="")).ranks == PLAIN
    assert (await world.search(FOX, query="", strength=0.0)).ranks == PLAIN


async def test_each_category_page_has_figures_of_its_own() -> None:
    world = World()
    for filters in (SHOES, [FieldFilter("category", ("Boots",))], SHOES, []):
        await world.search(Shopper(), query="", filters=filters)
    keys = [(served.versions or {})["query_key"] for served in world.served]
    assert keys[0] == keys[2]
    assert len(set(keys)) == 3
    await world.search(Shopper(), filters=SHOES)
    await world.search(Shopper())
    assert (world.served[-1].versions or {})["query_key"] == (world.served[-2].versions or {})["query_key"]
    assert not world.served[-1].browsed


def test_a_disabled_section_is_none() -> None:
    world = World(section=PERSONALIZATION.model_copy(update={"enabled": False}))
    assert isinstance(world.profile, Profile)
    assert asyncio.run(world.search(FOX)).ranks == PLAIN
