"""The layout benchmark on a made bed where it is known what variety brings and costs."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sidecar.benchmark.layout.bed import Bed, Laid
from sidecar.benchmark.layout.bounds import CALIBRATED, LABELS, exchanged
from sidecar.benchmark.layout.choice import choose
from sidecar.benchmark.layout.many_rules import MATCHING, many_rules
from sidecar.benchmark.layout.plot import draw
from sidecar.benchmark.layout.report import choice_told, data, speed_told, table
from sidecar.benchmark.layout.settings import (
    RELEVANCE,
    Setting,
    by_breadth,
    cap,
    mmr,
    order_of,
    rules,
    settings,
)
from sidecar.benchmark.layout.speed import speed
from sidecar.benchmark.layout.trade_off import Measured, baseline, change, measured
from sidecar.benchmark.layout.variety import DIVERSITY, UNSEEN, variety
from sidecar.config.profile import FeatureFields, Profile
from sidecar.domain.candidate import Candidate
from sidecar.domain.understanding import Intent, Understanding
from sidecar.evaluation.judged_query import JudgedQuery
from sidecar.evaluation.measures import PRIMARY
from sidecar.rules.language.varying import Mmr

NAMED = FeatureFields()
PROFILE = Profile.model_validate({"document": {"fields": ["title"]}})
HITS = 30


def laid(number: int) -> Laid:
    """The first twelve hits are of one brand and as good as one another; the rest are worse, each another."""
    hits = [
        Candidate(
            f"{number}-{place}",
            place + 1,
            10.0 - place / 100 if place < 12 else 4.0 - place / 100,
            "shop",
            {
                "title": [f"red shoe {place}" if place < 12 else f"hat w{place} x{place}"],
                "brand": ["Acme" if place < 12 else f"brand {place}"],
                "category": ["Shoes" if place < 12 else f"kind {place}"],
                "rating": [4.0],
                "rating_count": [place],
                "description": [f"text {place}"],
            },
        )
        for place in range(HITS)
    ]
    vectors = np.eye(HITS, dtype=np.float32)
    vectors[:12] = vectors[0]
    labels = {hit.id: "E" if place < 12 else "I" for place, hit in enumerate(hits)}
    query = JudgedQuery(number, f"shoes {number}", labels)
    return Laid(query, hits, np.array([hit.score for hit in hits]), vectors)


BED = Bed("made", [laid(number) for number in range(6)], "no model")


def test_variety_of_hits_that_are_alike_and_of_others() -> None:
    alike = variety(BED.queries[0], np.arange(10), NAMED)
    others = variety(BED.queries[0], np.arange(15, 25), NAMED)
    assert alike["brand"] == alike["vectors"] == alike["brand entropy"] == 0
    assert others["brand"] == others["vectors"] == 1
    assert others["brand entropy"] == pytest.approx(np.log2(10))
    assert others[DIVERSITY] > alike[DIVERSITY] and others[UNSEEN] > alike[UNSEEN]


def test_variety_of_a_page_with_one_hit_is_nothing() -> None:
    assert variety(BED.queries[0], np.arange(1), NAMED)[DIVERSITY] == 0


def test_relevance_alone_keeps_the_order_and_rules_change_it() -> None:
    query = BED.queries[0]
    assert order_of(Setting(RELEVANCE, RELEVANCE, 0))(query).tolist() == list(range(HITS))
    capped = order_of(Setting("cap", "cap", 2, rules(cap(2))))(query)
    assert sum(place < 12 for place in capped[:10]) == 2
    assert sorted(capped.tolist()) == list(range(HITS))
    varied = order_of(Setting("mmr", "mmr", 0.1, rules(mmr(0.1, {"brand": 1}))))(query)
    assert sum(place < 12 for place in varied[:10]) < 10


def test_a_rule_acts_where_its_conditions_hold() -> None:
    setting = Setting("cap", "cap", 2, rules(cap(2), {"none": [{"intent": ["brand"]}]}))
    for intent, kept in ((Intent.BRAND, 10), (Intent.CATEGORY, 2)):
        said = ("acme", "shoes")
        read = Understanding("acme shoes", said, said, (), (), (), frozenset(), intent, 1.0, 0.5)
        order = order_of(setting)(replace(BED.queries[0], understanding=read))
        assert sum(place < 12 for place in order[:10]) == kept
    assert by_breadth(0.7).rules[0]["then"] == [{"diversify": mmr(0.4, Mmr().fields)}]


def test_exchanges_take_the_best_and_stop_where_they_cost_more_than_they_bring() -> None:
    distances = 1.0 - np.eye(12)
    distances[:10, :10] = 0.0  # the ten are all alike; two others are not
    gains = np.append(np.linspace(1.0, 0.95, 10), [0.9, 0.2])
    assert exchanged(gains, distances, 0.0).tolist() == list(range(10))
    assert exchanged(gains, distances, 0.2).tolist() == [*range(9), 10]
    assert exchanged(gains, distances, 1.0).tolist() == [*range(8), 10, 11]
    assert exchanged(gains[:4], distances[:4, :4], 1.0).tolist() == [0, 1, 2, 3]


def test_what_knows_the_labels_is_a_bound_and_not_a_choice() -> None:
    found = measured(BED, [Setting(RELEVANCE, RELEVANCE, 0.0)], NAMED)
    assert {one.setting.family for one in found if one.setting.knows_labels} == {LABELS, CALIBRATED}
    assert choose(found).name == RELEVANCE


def test_a_setting_after_one_that_costs_too_much_is_luck() -> None:
    figures = {RELEVANCE: (0.0, 0.4), "a little": (0.005, 0.5), "more": (0.02, 0.6), "most": (0.008, 0.7)}
    found = [
        Measured(
            Setting(name, name if name == RELEVANCE else "mmr", 1.0),
            {PRIMARY: np.full(20, 1 - cost), DIVERSITY: np.full(20, diversity)},
        )
        for name, (cost, diversity) in figures.items()
    ]
    assert choose(found).name == "a little"


def test_what_variety_costs_and_brings() -> None:
    found = measured(BED, settings(), NAMED)
    before = baseline(found)
    assert before.values[PRIMARY].mean() == pytest.approx(1)
    by_name = {one.setting.name: one for one in found}
    capped = by_name["at most 1 of a brand"]
    won = change(capped.values[DIVERSITY], before.values[DIVERSITY])
    cost = change(capped.values[PRIMARY], before.values[PRIMARY])
    assert won.share > 0 > cost.share
    assert won.ci95[0] <= won.share <= won.ci95[1]
    choice = choose(found)
    # Whatever has variety costs relevance here: only settings that cost next to nothing may be chosen.
    assert choice.relevance.share >= -0.01
    assert sum(choice.folds.values()) == len(BED.queries)


def test_the_report_holds_every_setting(tmp_path: Path) -> None:
    found = measured(BED, settings(), NAMED)
    choice, taken = choose(found), speed(Bed("made", BED.queries[:1], ""), PROFILE)
    assert taken.matching == MATCHING and 0 < taken.p50_ms <= taken.p99_ms
    written = data({"made": found}, choice, taken, "no model")
    assert [one["name"] for one in written["beds"]["made"]["settings"]] == [one.setting.name for one in found]
    assert table("made", found, choice.name).row_count == len(found) > len(settings())
    assert choice.name in choice_told("made", choice) and "p50" in speed_told(taken)
    for name in ("one.svg", "two.svg"):
        draw(tmp_path / name, {"made": found}, choice.name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_a_thousand_rules_of_which_fifty_hold() -> None:
    made = many_rules(["Acme", "O'Neill"], ["1"])
    assert len(made.rules) == 1000
    assert sum(rule.when.locale == ["en"] and rule.when.query is None for rule in made.rules) == MATCHING
