"""What rules did, counted over the served log."""

import json
from dataclasses import replace

import numpy as np
import pytest

from sidecar.domain.event import EventKind
from sidecar.served.log import ServedRow
from sidecar.served.rule_effect import ClickCount, effect
from sidecar.served.rule_stats import RuleStats
from tests.fixtures.served_lists import NOW, outcome, served_list


def row(
    did: dict[str, str] | None = None,
    *,
    query: str = "q",
    shopper: str = "anna",
    clicks: int = 0,
    variant: str = "",
    raw: str | None = None,
) -> ServedRow:
    versions = {"rules": "1@abc"}
    if did is not None:
        versions["rules_did"] = json.dumps(did)
    if raw is not None:
        versions["rules_did"] = raw
    if variant:
        versions["page_variant"] = variant
    served = replace(served_list(query, shopper), versions=versions)
    outcomes = [outcome(query, shopper, event=f"{query}-{place}", place=place) for place in range(clicks)]
    return ServedRow(served, outcomes)


def stats_of(rows: list[ServedRow]) -> RuleStats:
    stats = RuleStats()
    for one in rows:
        stats.add(one)
    return stats


def test_letters_are_counted() -> None:
    stats = stats_of(
        [row({"a": "ma", "b": "ml"}), row({"a": "mahx"}), row({"a": "mo", "b": "mf"}), row(None)]
    )
    told = stats.to_json()
    assert told["searches"] == told["searches_under_rules"] == 4
    counts = told["rules"]["a"]
    assert (counts["matched"], counts["acted"], counts["honoured"]) == (3, 2, 1)
    assert (counts["not_honoured"], counts["held_out"]) == (1, 1)
    assert (told["rules"]["b"]["lost"], told["rules"]["b"]["failed"]) == (1, 1)
    assert counts["last_matched"] == NOW


def test_a_search_that_showed_nothing_counts_for_its_rules() -> None:
    empty = replace(served_list(hits=0), versions={"rules": "1@abc", "rules_did": '{"hide-all": "ma"}'})
    told = stats_of([ServedRow(empty, [])]).to_json()
    assert (told["rules"]["hide-all"]["matched"], told["rules"]["hide-all"]["acted"]) == (1, 1)
    assert told["rules"]["hide-all"]["in_force"] == {"searches": 1, "clicks": 0, "clicks_per_search": 0.0}


def test_clicks_in_force_against_held_out() -> None:
    draw = np.random.default_rng(5)
    rows = [
        row(
            {"a": "ma" if shopper % 3 else "mo"},
            query=f"{shopper}-{search}",
            shopper=f"s{shopper}",
            clicks=int(draw.random() < (0.4 if shopper % 3 else 0.2)),
        )
        for shopper in range(1500)
        for search in range(2)
    ]
    told = stats_of(rows).to_json()["rules"]["a"]
    assert told["in_force"]["searches"] == 2000
    assert told["held_out_clicks"]["searches"] == 1000
    assert told["effect"]["low"] < 0.2 < told["effect"]["high"]
    assert told["effect"]["clear"]


def test_strangers_are_counted_and_not_compared() -> None:
    rows = [row({"a": "mo"}, query=f"o{n}", shopper=f"o{n}", clicks=1) for n in range(30)]
    rows += [row({"a": "ma"}, query=f"k{n}", shopper=f"k{n}", clicks=1) for n in range(30)]
    rows += [row({"a": "ma"}, query=f"s{n}", shopper="") for n in range(300)]
    told = stats_of(rows).to_json()["rules"]["a"]
    assert told["in_force"]["searches"] == 330
    assert told["in_force_of_known"]["searches"] == 30
    assert told["effect"]["difference"] == 0


def test_the_interval_keeps_its_promise_for_shoppers_who_search_often() -> None:
    # Equal arms; each shopper has a habit of their own. Searches taken for independent would leave 0 out
    # of the interval in a third of the cases.
    draw = np.random.default_rng(7)
    misses, rounds = 0, 400
    for _ in range(rounds):
        arms = ClickCount(), ClickCount()
        for shopper in range(300):
            habit = draw.beta(0.5, 0.5)
            for _ in range(8):
                arms[shopper % 2].add(
                    shopper % 256 if shopper < 256 else shopper - 256, draw.random() < habit
                )
        found = effect(*arms)
        misses += found.is_clear
    assert misses / rounds < 0.10


@pytest.mark.parametrize("searches", [(0, 0), (3, 0), (0, 3), (1, 1)])
def test_too_few_searches_say_nothing(searches: tuple[int, int]) -> None:
    one, other = ClickCount(), ClickCount()
    for count, number in zip((one, other), searches, strict=True):
        for _ in range(number):
            count.add(0, 1)
    found = effect(one, other)
    assert found.low is None
    assert not found.is_clear


def test_only_clicks_count_and_each_hit_once() -> None:
    served = row({"a": "ma"}).served
    outcomes = [
        outcome(event="1", place=1),
        outcome(event="2", place=1),
        outcome(event="3", place=2, kind=EventKind.IMPRESSION),
    ]
    told = stats_of([ServedRow(served, outcomes)]).to_json()
    assert told["rules"]["a"]["in_force"]["clicks"] == 1


def test_variants_are_compared_with_the_first() -> None:
    rows = [
        row(variant=f"page/{name}", query=f"{name}{n}", shopper=f"{name}{n}", clicks=n % 2)
        for name in "ab"
        for n in range(40)
    ]
    told = stats_of(rows).to_json()["page_variants"]["page"]
    assert list(told) == ["a", "b"]
    assert "effect" not in told["a"]
    assert told["b"]["against"] == "a"
    assert told["b"]["effect"]["difference"] == 0


@pytest.mark.parametrize("raw", ["{", "[]", "7", '"x"', "null"])
def test_damaged_records_are_counted_and_passed_over(raw: str) -> None:
    stats = stats_of([row(raw=raw), row({"a": "ma"})])
    assert stats.unreadable == 1
    assert list(stats.rules) == ["a"]


def test_dead_rules() -> None:
    stats = stats_of([row({"a": "m"})])
    assert stats.dead({"a": 0, "b": 0, "c": 0}) == ["b", "c"]
