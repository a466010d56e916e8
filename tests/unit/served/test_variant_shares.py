"""Shares of a page's variants follow what came of them."""

import pytest

from sidecar.served.rule_effect import GROUPS, ClickCount
from sidecar.served.variant_shares import FLOOR, learned_shares


def count(searches: int, clicks: int) -> ClickCount:
    made = ClickCount()
    for number in range(searches):
        made.add(number % GROUPS, int(number * clicks // searches != (number + 1) * clicks // searches))
    return made


def test_nothing_known_is_equal() -> None:
    assert learned_shares({"a": ClickCount(), "b": ClickCount()}) == {"a": 0.5, "b": 0.5}
    thirds = learned_shares({name: ClickCount() for name in "abc"})
    assert sum(thirds.values()) == pytest.approx(1) and set(thirds.values()) == {0.33, 0.34}


def test_the_better_one_gets_more_the_clearer_it_is() -> None:
    little = learned_shares({"a": count(40, 12), "b": count(40, 16)})
    much = learned_shares({"a": count(4000, 1200), "b": count(4000, 1600)})
    assert 0.5 < little["b"] < 0.95
    assert much == {"a": FLOOR, "b": 0.95}


def test_one_lucky_search_decides_nothing() -> None:
    found = learned_shares({"a": count(1000, 300), "b": count(1, 1)})
    assert 0.2 < found["b"] < 0.8


def test_equal_counts_give_equal_answers() -> None:
    variants = {"a": count(100, 30), "b": count(100, 30), "c": count(90, 31)}
    assert learned_shares(variants) == learned_shares(dict(reversed(variants.items())))
    assert sum(learned_shares(variants).values()) == pytest.approx(1)


def test_a_floor_that_leaves_no_room() -> None:
    with pytest.raises(ValueError, match="3 variants"):
        learned_shares({name: ClickCount() for name in "abc"}, floor=0.4)
    with pytest.raises(ValueError, match="0 variants"):
        learned_shares({})
