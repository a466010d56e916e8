"""The stage as the pipeline sees it."""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from sidecar.config.layout import Layout
from sidecar.config.rules import Rules
from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.hiding_check import HidingCheck
from sidecar.domain.ranking import Contribution, Skip
from sidecar.domain.search import Consent, Context, LayoutWish, Page, Search, Shopper
from sidecar.profiles.keying import Keys
from sidecar.ranking.layout import attempts
from sidecar.ranking.layout.compiled import CompiledRules
from sidecar.ranking.layout.metrics import LayoutMetrics
from sidecar.ranking.layout.selector import Selector
from sidecar.ranking.layout.stage import LayoutStage
from sidecar.ranking.signals import Signals
from sidecar.ranking.stage import StageResult
from sidecar.ranking.standing import Standing, first_stage
from sidecar.taste.traits import Traits
from tests.fixtures.layouts import ALL, NOW, compiled, hits
from tests.fixtures.searches import profile as plain_profile

KNOWN = Shopper(client_id="someone")
FIVE = {"brand": ["A", "B", "A", "B", "C"], "stock": [1, 1, 0, 1, 1]}


class World:
    """A stage with rules, its metrics and a clock."""

    def __init__(self, text: str = "", **settings: Any) -> None:
        self.rules: CompiledRules | None = compiled(text, "7@abc") if text else None
        self.registry = CollectorRegistry()
        self.now = NOW
        self.profile = plain_profile()
        self.stage = LayoutStage(
            lambda: self.rules,
            LayoutMetrics(self.registry),
            Rules(**settings),
            Keys([b"a secret for tests, long enough to be one"]),
            lambda: self.now,
            profiles={"shoes": self.profile},
        )

    async def search(
        self,
        candidates: Sequence[Candidate] | None = None,
        *,
        standing: Standing | None = None,
        complete: bool = True,
        seconds: float = 5.0,
        **more: Any,
    ) -> StageResult | None:
        candidates = hits(FIVE) if candidates is None else candidates
        query = more.pop("query", "red shoes")
        asked = Search(
            query, candidates, Deadline.after(seconds), **{"layout": ALL, "shopper": KNOWN, **more}
        )
        before = standing or first_stage(candidates)
        begun = self.stage.begin(asked, self.profile, before, complete=complete)
        if begun is None:
            return None
        return await begun.apply(asked, self.profile, before, asked.deadline)

    async def ids(self, *arguments: Any, **more: Any) -> str:
        result = await self.search(*arguments, **more)
        assert result is not None
        return " ".join(candidate.id for candidate in result.standing.candidates)

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"reshelf_layout_{name}_total", labels) or 0.0


def did(result: StageResult | None) -> dict[str, str]:
    assert result is not None
    assert result.standing.arranged is not None
    found: dict[str, str] = json.loads(result.standing.arranged.record["rules_did"])
    return found


async def test_nothing_to_do_means_nothing_is_done() -> None:
    assert await World().search() is None
    assert await World("[{when: {crawler: true}, then: {hide: {ids: [a]}}}]").search() is None
    off = World("[{then: {hide: {ids: [a]}}}]")
    off.profile = plain_profile().model_copy(update={"layout": Layout(enabled=False)})
    assert await off.search() is None
    assert off.counted("searches", outcome="off") == 1


async def test_rules_that_move_nobody_keep_the_very_candidates() -> None:
    world = World("[{then: {boost: {filter: \"brand == 'Z'\", weight: 2}}}]")
    before = first_stage(hits(FIVE))
    result = await world.search(before.candidates, standing=before)
    assert result is not None
    assert result.standing.candidates is before.candidates
    assert result.standing.scores is before.scores
    assert did(result) == {"r1": "m"}
    assert world.counted("searches", outcome="unmoved") == 1


async def test_an_answer_tells_what_was_done() -> None:
    world = World("[{then: [{hide: {ids: [b]}}, {pin: {id: zz, position: 2, on_missing: fetch}}]}]")
    result = await world.search()
    assert result is not None
    assert result.versions == {"rules": "7@abc"}
    arranged = result.standing.arranged
    assert arranged is not None
    assert arranged.removed == [2]
    assert [(one.id, one.place, one.rule) for one in arranged.fetched] == [("zz", 2, "r1")]
    assert did(result) == {"r1": "mah"}
    assert world.stage.version == "7@abc"
    assert world.counted("actions", action="hide", outcome="acted") == 1


async def test_callers_that_cannot_remove_get_every_candidate() -> None:
    world = World("[{then: {hide: {ids: [a, b]}}}]")
    result = await world.search(layout=LayoutWish())
    assert result is not None
    assert [one.id for one in result.standing.candidates] == ["c", "d", "e", "a", "b"]
    assert result.standing.arranged is not None
    assert not result.standing.arranged.removed


async def test_explained_searches_tell_rules_and_sums() -> None:
    world = World(
        "[{priority: 1, then: [{boost: {ids: [d], weight: 3}}, {pin: {id: e, position: 1}}]},"
        " {id: low, then: {pin: {id: b, position: 1}}}]"
    )
    before = first_stage(hits(FIVE))
    before.contributions = [[Contribution("relevance", "model", score)] for score in before.scores.tolist()]
    result = await world.search(before.candidates, standing=before, explain=True)
    assert result is not None
    standing = result.standing
    for parts, score in zip(standing.contributions, standing.scores.tolist(), strict=True):
        assert sum(part.value for part in parts) == pytest.approx(score)
    assert standing.arranged is not None
    by_id = dict(zip([one.id for one in standing.candidates], standing.arranged.touches, strict=True))
    assert ("low", "pin", "lost") not in [(one.rule, one.action, one.outcome) for one in by_id["e"]]
    assert any(one.rule == "low" and one.outcome == "not honoured" for one in by_id["b"])
    assert any(one.rule == "r1" and one.outcome == "honoured" for one in by_id["e"])
    assert result.figures["rules"] == 2
    assert not (await world.search()).standing.arranged.touches  # type: ignore[union-attr]


async def test_conditions_look_at_the_profile_and_the_shopper() -> None:
    world = World("[{when: {profile: shoes, anonymous: false}, then: {pin: {id: e, position: 1}}}]")
    assert await world.ids() == "e a b c d"
    assert await world.search(shopper=Shopper()) is None
    assert await world.search(shopper=Shopper(client_id="x", consent=Consent.DENIED)) is None


async def test_the_strongest_rule_says_how_personal_a_search_is() -> None:
    world = World(
        "[{then: {personalize: {strength: 0.5}}}, {priority: 1, then: {personalize: {strength: 0.2}}}]"
    )
    asked = Search("red", hits(FIVE), Deadline.after(5), shopper=KNOWN)
    begun = world.stage.begin(asked, world.profile, first_stage(asked.candidates))
    assert begun is not None
    assert begun.strength == 0.2
    result = await begun.apply(asked, world.profile, first_stage(asked.candidates), asked.deadline)
    assert did(result) == {"r2": "ma", "r1": "ml"}
    plain = World("[{then: {metadata: {a: 1}}}]")
    found = plain.stage.begin(asked, plain.profile, first_stage(asked.candidates))
    assert found is not None
    assert found.strength == 1.0


async def test_a_share_of_shoppers_is_held_out_the_same_ones_each_time() -> None:
    world = World("[{holdout: 0.5, then: {pin: {id: e, position: 1}}}]")
    firsts = {}
    for number in range(200):
        shopper = Shopper(client_id=f"shopper-{number}")
        once, again = await world.search(shopper=shopper), await world.search(shopper=shopper)
        assert did(once) == did(again)
        firsts[number] = did(once)["r1"]
    held = sum(letters == "mo" for letters in firsts.values())
    assert 70 < held < 130
    # Nobody is held out whom nobody knows.
    for number in range(20):
        assert await world.ids(shopper=Shopper(), query=f"query {number}") == "e a b c d"
        assert await world.ids(context=Context(crawler=True), query=f"query {number}") == "e a b c d"


class Unreadable(dict[str, Any]):
    """A hit's fields, of which asking for `brand` raises: an expression alone never does."""

    def get(self, name: str, default: Any = None) -> Any:
        if name == "brand":
            raise ZeroDivisionError("a bug")
        return super().get(name, default)


UNREADABLE = [replace(hit, fields=Unreadable(hit.fields)) for hit in hits(FIVE)]


async def test_a_rule_that_raises_costs_its_own_effect_and_is_switched_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World(
        """
        - {then: {boost: {filter: "brand == 'C'", weight: 100}}}
        - {id: good, then: {pin: {id: d, position: 1}}}
        """,
        failures=3,
    )
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            result = await world.search(UNREADABLE)
            assert result is not None
            assert list(result.skipped) == [Skip("layout", "rules_failed")]
            assert result.standing.candidates[0].id == "d"
            assert did(result) == {"good": "mah", "r1": "mf"}
        for _ in range(2):
            result = await world.search(UNREADABLE)
            assert result is not None
            assert list(result.skipped) == [Skip("layout", "rule_switched_off")]
            assert did(result) == {"good": "mah"}
    assert [record.message for record in caplog.records].count(
        "rule switched off until the next version; mend it and publish"
    ) == 1
    assert world.counted("rules_switched_off") == 1
    assert world.counted("rule_failures", why="raised") == 3
    world.rules = compiled("[{then: {boost: {filter: \"brand == 'C'\", weight: 100}}}]", "8@def")
    result = await world.search()
    assert result is not None
    assert not result.skipped


async def test_a_success_forgives_what_failed_before() -> None:
    world = World("[{then: {boost: {filter: \"brand == 'C'\", weight: 2}}}]", failures=2)
    for works in (False, True, False, True, False):
        await world.search(hits(FIVE) if works else UNREADABLE)
    assert world.counted("rules_switched_off") == 0


@pytest.mark.parametrize("explain", [False, True])
async def test_of_many_rules_that_are_worked_out_together_only_those_fail_that_do(explain: bool) -> None:
    world = World(
        """
        - {id: fails, then: {boost: {filter: "brand == 'C'", weight: 9}}}
        - {id: fails-too, then: {filter: {filter: "brand != 'B'"}}}
        - {id: hides, then: {hide: {filter: stock <= 0, ids: [zz]}}}
        - {id: lifts, then: {boost: {ids: [e], weight: 4}}}
        - {id: buries, then: {bury: {filter: stock > 0 and stock < 2, weight: 1.5}}}
        """
    )
    result = await world.search(UNREADABLE, explain=explain)
    assert result is not None
    assert [one.id for one in result.standing.candidates] == ["a", "b", "e", "d"]
    assert did(result) == {"fails": "mf", "fails-too": "mf", "hides": "ma", "lifts": "ma", "buries": "ma"}
    assert world.counted("rule_failures", why="raised") == 2
    assert world.counted("actions", action="filter", outcome="failed") == 1


async def test_a_slow_rule_costs_its_own_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(
        "[{then: {pin: {filter: 'stock > 0', position: 1}}}, {then: {boost: {ids: [e], weight: 50}}}]"
    )
    clock = iter(np.arange(0, 1000, 0.5).tolist())
    monkeypatch.setattr(attempts.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(attempts.time, "thread_time", lambda: next(clock))
    result = await world.search()
    assert result is not None
    assert [one.id for one in result.standing.candidates] == ["a", "b", "c", "d", "e"]
    assert Skip("layout", "rules_failed") in result.skipped
    assert world.counted("rule_failures", why="slow") == 2


async def test_rules_that_are_slow_only_all_together_have_not_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(
        """
        - {then: {boost: {ids: [e], weight: 50}}}
        - {then: {boost: {ids: [d], weight: 5}}}
        - {then: {bury: {filter: brand == 'A', weight: 2}}}
        - {then: {filter: {filter: stock > 0}}}
        """
    )
    # The first that is timed takes a second, such as reading the fields for the first time; nothing after it.
    took, spent = chain([0.0], repeat(1.0)), chain([0.0], repeat(1.0))
    monkeypatch.setattr(attempts.time, "perf_counter", lambda: next(took))
    monkeypatch.setattr(attempts.time, "thread_time", lambda: next(spent))
    result = await world.search()
    assert result is not None
    assert [one.id for one in result.standing.candidates] == ["d", "b", "a", "e"]
    assert did(result) == {"r1": "ma", "r2": "ma", "r3": "ma", "r4": "ma"}
    assert not result.skipped


async def test_when_time_is_up_hides_and_pins_by_id_still_hold() -> None:
    text = """
    - then:
      - hide: {filter: "brand == 'B'"}
      - pin: {filter: "brand == 'C'", position: 1}
      - pin: {id: e, position: 2}
      - boost: {ids: [c], weight: 100}
      - diversify: {first: 3, max_per_field: {brand: 1}}
      - collapse: {field: brand}
    """
    result = await World(text).search(seconds=-1)
    assert result is not None
    assert [one.id for one in result.standing.candidates] == ["a", "e", "c"]
    assert list(result.skipped) == [Skip("layout", "out_of_time")]


async def test_hiding_everything_is_counted() -> None:
    world = World("[{then: {hide: {filter: 'stock >= 0'}}}]")
    result = await world.search(explain=True)
    assert result is not None
    assert not result.standing.candidates
    assert len(result.standing.scores) == 0
    assert result.figures["all_hidden"] == 1
    assert world.counted("emptied") == 1


BROUGHT = """
- {id: bring, then: {pin: {id: zz, position: 1, on_missing: fetch}}}
- {id: sold-out, then: [{hide: {filter: stock <= 0}}, {boost: {filter: stock > 2, weight: 2}}]}
- {id: one-brand, when: {device: kiosk}, then: {filter: {filter: "brand == 'A'"}}}
- {id: recall, then: {hide: {ids: [c]}}}
"""
CHECKS = replace(ALL, checks=True)


async def checks_of(world: World, **more: Any) -> HidingCheck:
    result = await world.search(layout=CHECKS, **more)
    assert result is not None and result.standing.arranged is not None
    arranged = result.standing.arranged
    assert [one.id for one in arranged.fetched] == ["zz"]
    assert arranged.check is not None
    return arranged.check


async def test_what_is_brought_in_is_to_be_checked_where_a_rule_hides_by_an_expression() -> None:
    world = World(BROUGHT)
    assert await checks_of(world) == HidingCheck("7@abc", ("sold-out",), NOW)
    there = await checks_of(world, context=Context(device="kiosk"))
    assert set(there.rules) == {"sold-out", "one-brand"}
    stranger = await checks_of(world, shopper=Shopper())
    assert stranger.now == NOW // 86_400 * 86_400
    unable = await world.search(layout=ALL)
    assert unable is not None and unable.standing.arranged is not None
    assert not unable.standing.arranged.fetched
    assert unable.standing.arranged.check is None


async def test_nothing_is_to_be_checked_where_no_rule_hides_by_an_expression_or_nothing_is_brought_in() -> (
    None
):
    bring, sold_out, _, recall = BROUGHT.strip().split("\n")
    for text in (f"{bring}\n{recall}", sold_out):
        result = await World(text).search(layout=CHECKS)
        assert result is not None and result.standing.arranged is not None
        assert result.standing.arranged.check is None


async def test_with_more_rules_than_a_check_may_name_nothing_is_brought_in() -> None:
    rules = "".join(f"- {{then: {{hide: {{filter: stock < -{number}}}}}}}\n" for number in range(201))
    result = await World(BROUGHT + rules).search(layout=CHECKS)
    assert result is not None and result.standing.arranged is not None
    assert not result.standing.arranged.fetched


def documents() -> list[Candidate]:
    return hits({"brand": ["A", "B", "A"], "stock": [0, 5, 5]}, scores=[0, 0, 0])


async def test_documents_that_the_named_rules_hide_are_kept_out() -> None:
    world = World(BROUGHT)
    assert world.stage.kept_out(await checks_of(world), documents()) == [True, False, False]
    kiosk = await checks_of(world, context=Context(device="kiosk"))
    assert world.stage.kept_out(kiosk, documents()) == [True, True, False]
    assert world.counted("checks", outcome="hidden") == 3
    assert world.counted("checks", outcome="shown") == 3


async def test_a_check_is_judged_by_the_searches_own_time() -> None:
    text = BROUGHT + "- {id: old, then: {hide: {filter: days_since(released) > 10}}}\n"
    world = World(text)
    check = await checks_of(world)
    released = hits({"released": ["2027-04-25"], "stock": [1]})
    assert world.stage.kept_out(check, released) == [False]
    world.now += 7 * 86_400
    assert world.stage.kept_out(check, released) == [False]
    assert world.stage.kept_out(await checks_of(world), released) == [True]


async def test_what_nobody_can_tell_is_kept_out() -> None:
    world = World(BROUGHT)
    check = await checks_of(world)
    assert world.stage.kept_out(replace(check, rules=("gone",)), documents()) == [True] * 3
    assert world.stage.kept_out(replace(check, release="8@def"), documents()) == [True] * 3
    world.rules = None
    assert world.stage.kept_out(check, documents()) == [True] * 3
    assert world.counted("checks", outcome="unknown") == 9


async def test_documents_are_kept_out_where_a_rule_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(BROUGHT)
    check = await checks_of(world)

    def fails(*_: Any) -> Any:
        raise ValueError("said so by a test")

    monkeypatch.setattr(Selector, "mask", fails)
    assert world.stage.kept_out(check, documents()) == [True] * 3


async def test_without_hits_or_words_rules_hold_as_well() -> None:
    world = World("[{then: {pin: {id: zz, position: 1, on_missing: fetch}}}]")
    result = await world.search([])
    assert result is not None
    assert result.standing.arranged is not None
    assert [one.id for one in result.standing.arranged.fetched] == ["zz"]
    assert await World("[{then: {pin: {id: e, position: 1}}}]").ids(query="") == "e a b c d"


async def test_the_page_that_is_asked_for_changes_no_order() -> None:
    world = World(
        "[{then: [{pin: {id: e, position: 1}}, {diversify: {first: 4, max_per_field: {brand: 1}}}]}]"
    )
    whole = await world.ids()
    for start in range(0, 5, 2):
        assert await world.ids(page=Page(start, 2)) == whole


STABLE = """
- when: {any: [{crawler: true}, {anonymous: true}]}
  then: {boost: {freshness: {field: date, half_life_days: 1}, weight: 3}}
"""


def standing_of(order: str, scores: Sequence[float], candidates: Sequence[Candidate]) -> Standing:
    by_id = {one.id: one for one in candidates}
    return Standing([by_id[one] for one in order.split()], np.array(scores, np.float64))


async def test_crawlers_and_anonymous_shoppers_get_one_order_a_day() -> None:
    world = World(STABLE)
    found = hits(FIVE)
    first = standing_of("c a b d e", [5, 4, 3, 2, 1], found)
    later = standing_of("e d c b a", [5, 4, 3, 2, 1], found)
    nobody, crawler = Shopper(), Context(crawler=True)
    assert await world.ids(found, standing=later, complete=False, shopper=nobody) == "e d c b a"
    assert await world.ids(found, standing=first, shopper=nobody) == "c a b d e"
    world.now += 3600
    assert await world.ids(found, standing=later, shopper=nobody) == "c a b d e"
    assert await world.ids(found, standing=later, complete=False, shopper=nobody) == "c a b d e"
    assert await world.ids(found, standing=later, context=crawler) == "c a b d e"
    assert await world.ids(found, standing=later, context=crawler, query=" RED  shoes") == "c a b d e"
    assert await world.ids(found, standing=later, shopper=nobody, query="other") == "e d c b a"
    world.now += 24 * 3600
    assert await world.ids(found, standing=later, shopper=nobody) == "e d c b a"
    assert world.counted("stable_orders", order="remembered") == 4
    assert world.counted("stable_orders", order="incomplete") == 1


async def test_what_is_hidden_at_noon_is_hidden_from_the_days_order() -> None:
    world = World("[{then: {hide: {filter: 'stock <= 0'}}}]")
    assert await world.ids(shopper=Shopper()) == "a b d e"
    sold_out = hits({**FIVE, "stock": [0, 1, 0, 1, 1]})
    assert await world.ids(sold_out, shopper=Shopper()) == "b d e"


async def test_for_them_it_is_the_days_beginning() -> None:
    midnight = datetime(2027, 5, 3, tzinfo=UTC).timestamp()
    dates = [(midnight + hours * 3600) * 1000 for hours in (-2000, -1000, -2, 13, -500)]
    found = hits({"date": dates}, [1.0] * 5)
    world = World("[{then: {boost: {freshness: {field: date, half_life_days: 1}, weight: 3}}}]")
    morning = await world.search(found, shopper=Shopper())
    world.now += 8 * 3600
    evening = await world.search(list(found), shopper=Shopper(), query="red shoes again")
    assert morning is not None
    assert evening is not None
    assert morning.standing.scores.tolist() == evening.standing.scores.tolist()
    known = await world.search(found)
    assert known is not None
    assert known.standing.scores.tolist() != morning.standing.scores.tolist()


async def test_an_explained_stable_order_adds_up_as_well() -> None:
    world = World("[{then: {boost: {ids: [e], weight: 2}}}]")
    found = hits(FIVE)
    await world.search(found, standing=standing_of("c a b d e", [9, 4, 3, 2, 1], found), shopper=Shopper())
    later = standing_of("a b c d e", [7, 4, 3, 2, 0], found)
    later.contributions = [[Contribution("relevance", "model", score)] for score in later.scores.tolist()]
    result = await world.search(found, standing=later, shopper=Shopper(), explain=True)
    assert result is not None
    assert result.standing.candidates[0].id == "c"
    for parts, score in zip(result.standing.contributions, result.standing.scores.tolist(), strict=True):
        assert sum(part.value for part in parts) == pytest.approx(score)


def with_signals(found: Sequence[Candidate], residuals: Sequence[float], ctr: Sequence[float]) -> Standing:
    nothing = np.zeros((len(found), 0), np.float32)
    return replace(
        first_stage(found),
        signals=Signals(
            {one.rank: row for row, one in enumerate(found)},
            np.array([one.score for one in found]),
            np.array(residuals),
            Traits(nothing.astype(np.uint32), nothing, (), ()),
            np.array([ctr], np.float32).T,
            ("ctr",),
        ),
    )


async def test_taste_and_engagement_come_from_what_personalization_saw() -> None:
    found = hits(FIVE, [1.0] * 5)
    world = World("[{then: {slot: {kind: recommended, positions: [1]}}}]")
    standing = with_signals(found, [0, 0, 0, 0.7, 0.2], [0, 0, 0.1, 0, 0.4])
    assert await world.ids(found, standing=standing) == "d a b c e"
    assert await world.ids(found, standing=standing, shopper=Shopper()) == "a b c d e"
    world = World("[{then: {boost: {weight: 2, engagement: {signal: clicks}}}}]")
    assert await world.ids(found, standing=standing) == "e a b d c"
    assert await world.ids(found, standing=standing, shopper=Shopper()) == "e a b d c"


async def test_figures_are_those_of_the_days_first_search_in_which_a_rule_reads_them() -> None:
    found = hits(FIVE, [1.0] * 5)
    morning, noon, evening = (
        with_signals(found, [0.0] * 5, ctr)
        for ctr in ([0.4, 0, 0.1, 0, 0], [0, 0, 0.1, 0, 0.4], [0, 0.4, 0.1, 0, 0])
    )
    world = World("[{then: {pin: {id: b, position: 1}}}]")
    assert await world.ids(found, standing=morning, shopper=Shopper()) == "b a c d e"
    (kept,) = world.stage._parts.orders._orders.values()
    assert kept.engagement is None
    world.rules = compiled("[{then: {boost: {weight: 2, engagement: {signal: clicks}}}}]", "8@abc")
    assert await world.ids(found, standing=noon, shopper=Shopper()) == "e a b d c"
    assert await world.ids(found, standing=evening, shopper=Shopper()) == "e a b d c"


async def test_clients_that_ask_are_told_of_the_page() -> None:
    world = World(
        """
        - then: [{metadata: {banner: sale, a: 1}}, {page: {sections: [{name: top, kind: hero, hits: 1}]}}]
        - {priority: 1, then: {metadata: {banner: spring}}}
        """
    )
    result = await world.search()
    assert result is not None
    assert result.standing.arranged is not None
    assert result.standing.arranged.layout is not None
    told = json.loads(result.standing.arranged.layout.json)
    assert told["metadata"] == {"banner": "spring", "a": 1}
    assert told["sections"][0]["name"] == "top"
    silent = await world.search(layout=LayoutWish(removes=True))
    assert silent is not None
    assert silent.standing.arranged is not None
    assert silent.standing.arranged.layout is None


async def test_who_came_in_and_who_was_taken_out_by_which_rule() -> None:
    """Hidden hits count for the order as it came in; of two collapses the one that folded a hit is named."""
    text = """
    - {id: first, priority: 2, then: {collapse: {field: color, keep: highest, value: number}}}
    - {id: second, priority: 1, then: {collapse: {field: size}}}
    - {id: no-c, then: {hide: {filter: "brand == 'C'"}}}
    """
    candidates = hits(
        {
            "brand": ["A", "A", "B", "C"],
            "color": ["red", "red", "blue", "white"],
            "number": [1, 2, 3, 4],
            "size": ["x", "x", "x", "s"],
        }
    )
    result = await World(text).search(candidates, explain=True)
    assert result is not None and result.standing.arranged is not None
    assert result.standing.arranged.layout is not None
    told = json.loads(result.standing.arranged.layout.json)["explain"]
    hidden = {one["id"]: (one["rule"], one["by"]) for one in told["hidden"]}
    assert hidden == {"a": ("first", "collapse"), "c": ("second", "collapse"), "d": ("no-c", "hide")}
    assert set(told["incoming"]["exposure"]["brand"]) == {"a", "b", "c"}
    assert set(told["shown"]["exposure"]["brand"]) == {"a"}
