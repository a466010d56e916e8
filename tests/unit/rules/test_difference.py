"""What differs between two sets of rules."""

import time
from typing import Any

from sidecar.rules.difference import KeyChange, difference
from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet


def rule(name: str, **keys: Any) -> Rule:
    keys.setdefault("then", [{"hide": {"ids": ["A"]}}])
    return Rule.model_validate({"id": name, **keys})


def told(before: list[Rule], after: list[Rule]) -> list[dict[str, Any]]:
    return [change.to_json() for change in difference(RuleSet.of(before), RuleSet.of(after))]


def test_equal_sets_do_not_differ() -> None:
    assert told([rule("a"), rule("b")], [rule("b"), rule("a")]) == []


def test_rules_come_and_go() -> None:
    assert told([rule("a"), rule("b")], [rule("b"), rule("c", priority=5)]) == [
        {"rule": "a", "change": "removed", "content": {"id": "a", "then": [{"hide": {"ids": ["A"]}}]}},
        {
            "rule": "c",
            "change": "added",
            "content": {"id": "c", "priority": 5, "then": [{"hide": {"ids": ["A"]}}]},
        },
    ]


def test_keys_are_named() -> None:
    before = rule("a", priority=5, when={"query": {"exact": "shoe"}}, description="x")
    after = rule("a", priority=7, when={"query": {"exact": "shoe"}, "locale": "de"})
    assert told([before], [after]) == [
        {
            "rule": "a",
            "change": "changed",
            "keys": [
                {"key": "description", "change": "removed", "before": "x"},
                {"key": "priority", "change": "changed", "before": 5, "after": 7},
                {"key": "when.locale", "change": "added", "after": ["de"]},
            ],
        }
    ]


def test_an_action_in_front_does_not_make_the_others_look_changed() -> None:
    hide, pin = {"hide": {"ids": ["A"]}}, {"pin": {"id": "B", "position": 1}}
    before, after = rule("a", then=[hide, pin]), rule("a", then=[{"hide": {"ids": ["Z"]}}, hide, pin])
    (change,) = told([before], [after])
    assert change["keys"] == [
        {"key": "then[0]", "change": "added", "after": {"hide": {"filter": None, "ids": ["Z"]}}}
    ] or change["keys"] == [{"key": "then[0]", "change": "added", "after": {"hide": {"ids": ["Z"]}}}]


def test_a_value_deep_in_a_list() -> None:
    before = rule("a", then=[{"boost": {"filter": "brand == 'X'", "weight": 2}}])
    after = rule("a", then=[{"boost": {"filter": "brand == 'X' and stock > 0", "weight": 2}}])
    (change,) = difference(RuleSet.of([before]), RuleSet.of([after]))
    (key,) = change.keys
    assert key.key == "then[0].boost.filter"
    assert key.words() == [("same", "brand == 'X'"), ("added", " and stock > 0")]


def test_a_flag_is_not_a_number() -> None:
    (change,) = told([rule("a", when={"crawler": True})], [rule("a", when={"crawler": False})])
    assert change["keys"][0]["before"] is True


def test_a_word_in_a_large_text_and_another_large_text() -> None:
    words = [f"word{number % 700}" for number in range(1900)]
    other = [*words[:900], "new", *words[901:]]
    found = changed_texts(" ".join(words), " ".join(other)).words()
    assert found[1:3] == [("removed", " word200"), ("added", " new")]
    begin = time.process_time()
    backwards = changed_texts(" ".join(words), " ".join(reversed(words)))
    assert [side for side, _ in backwards.words()] == ["removed", "added"]
    assert changed_texts("a " * 8000, " b a" * 4000).words()
    assert time.process_time() - begin < 2


def changed_texts(before: str, after: str) -> KeyChange:
    return KeyChange("then[0].metadata.text", "changed", before, after)
