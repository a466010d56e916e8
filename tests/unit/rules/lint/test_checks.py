"""Each check: what it finds, and what it leaves alone."""

import time

import pytest

from sidecar.rules.language.conditions import When
from sidecar.rules.marked_yaml import read_marked
from sidecar.rules.specificity import specificity
from tests.unit.rules.lint.written import SHOP, MemoryIndex, linted, said

HIDE = "  then: [{hide: {ids: [A1]}}]\n"


def pin(name: str, product: str = "A1", place: int = 1, more: str = "", extra: str = "") -> str:
    """A rule of four lines and those of `more`; the pin stands in the last."""
    return f"- id: {name}\n{more}  then:\n  - pin: {{id: {product}, position: {place}{extra}}}\n"


def test_nothing_is_wrong_with_no_rules_and_with_plain_ones() -> None:
    assert said("  []\n") == []
    assert said(pin("a") + pin("b", "A2", 2), index_view=SHOP, profile_fields=[], ranked=10) == []


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("brand = 'x'", "write `==`"),
        ("brand matches '(a{900}){900}'", "RE2"),
        (r"brand matches '(\\w+)\\1'", "RE2"),
        ("price > ", "ends too early"),
        ("price + 1", "a condition is needed"),
        ("(" * 60 + "true" + ")" * 60, "levels deep"),
    ],
)
def test_expressions_that_cannot_be_read(expression: str, part: str) -> None:
    (problem,) = linted(f'- id: a\n  then:\n  - boost:\n      filter: "{expression}"\n      weight: 2\n')
    assert (problem.severity, problem.check, problem.line) == ("error", "bad-expression", 5)
    assert part in problem.reason
    assert "column" in problem.reason


def test_all_places_of_expressions_are_looked_at() -> None:
    text = """
- id: a
  then:
  - hide: {filter: "x ="}
  - filter: {filter: "x ="}
  - boost: {weight: 2, range: {value: "x ==", low: 1, high: 2}}
  - bury: {filter: "x =", weight: 2}
  - demote_unavailable: {filter: "x ="}
  - collapse: {field: g, keep: lowest, value: "x =="}
  - diversify: {quotas: [{filter: "x =", least: 1}]}
  - slot: {kind: recommended, positions: 1, filter: "x ="}
  - pin: {filter: "x =", position: 1}
"""
    found = said(text)
    assert [(check, line) for _, check, line, _ in found] == [
        ("bad-expression", line) for line in range(5, 14)
    ]


def test_fields_of_the_index() -> None:
    text = """
- id: a
  when: {result: {top: {field: kategory}}, any: [{filter: {brand: acme, lenght: 3}}]}
  then:
  - hide: {filter: "brnd == 'Acme'"}
  - bury: {filter: "price == 'cheap' and stock > 0", weight: 2}
  - boost: {weight: 2, freshness: {field: brand, half_life_days: 3}}
  - diversify: {max_per_field: {colour: 2}, mmr: {fields: {title: 1, brand: 1}}}
  - page: {facets: {fields: [brand, sise]}}
"""
    found = linted(text, index_view=SHOP)
    assert [(one.check, one.line) for one in found] == [
        ("unknown-field", 4),
        ("unknown-field", 4),
        ("unknown-field", 6),
        ("other-kind", 7),
        ("other-kind", 8),
        ("unknown-field", 9),
        ("unknown-field", 10),
    ]
    assert "Did you mean `category`?" in str(found[0])


def test_fields_that_no_profile_sends() -> None:
    text = '- id: a\n  then:\n  - boost: {filter: "price > 3 and margin > 1", weight: 2}\n'
    (problem,) = linted(text, profile_fields=["price"])
    assert (problem.check, problem.line) == ("field-not-sent", 4)
    assert problem.fix == "Add `margin` to `layout.fields` of the profile, then run `reshelf pipeline apply`."
    nike = '- id: a\n  then:\n  - boost: {filter: "brand == Nike and price > now", weight: 2}\n'
    fixes = [one.fix for one in linted(nike, profile_fields=["brand", "price"])]
    assert [fix.split(" If it is a field, add `")[0] for fix in fixes] == [
        "A text stands in quotes: 'Nike'.",
        "The time is `now()`.",
    ]
    # What a search is restricted to is read of the search.
    restricted = "- id: a\n  when: {filter: {margin: 3}}\n  then:\n  - metadata: {a: 1}\n"
    assert said(restricted, profile_fields=["price"]) == []


def test_hard_pins_clash_where_nothing_decides() -> None:
    both = pin("a", "A1") + pin("b", "A2")
    assert said(both) == [("error", "pin-clash", 7, "b")]
    assert said(pin("a", "A1") + pin("b", "A2", place=2)) == []
    assert said(pin("a", "A1") + pin("b", "A2", more="  priority: 1\n"))[0][1] == "shadowed"
    assert said(pin("a", "A1") + pin("b", "A2", extra=", mode: soft")) == []
    assert said(pin("a", "A1") + pin("b", "A2", more="  enabled: false\n")) == []


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("{query: {exact: shoes}}", "{query: {exact: Shoe}}", True),
        ("{query: {exact: shoes}}", "{query: {exact: boots}}", False),
        ("{query: {starts_with: red}}", "{query: {starts_with: red shoes}}", True),
        ("{query: {starts_with: red}}", "{query: {starts_with: blue}}", False),
        ("{query: {starts_with: 红}}", "{query: {starts_with: 红色}}", True),
        ("{query: {starts_with: 红}}", "{query: {starts_with: 沙发}}", False),
        ("{query: {contains: red}}", "{query: {contains: blue}}", True),
        ("{query: {contains: red}}", "{query: {words: blue}}", True),
        ("{intent: brand}", "{intent: category}", False),
        ("{brand: a}", "{brand: b}", True),
        ("{locale: en}", "{locale: en-GB}", True),
        ("{locale: en_US}", "{locale: en-GB}", False),
        ("{device: [a, b]}", "{device: [b, c]}", True),
        ("{device: a}", "{device: b}", False),
        ("{segment: a}", "{segment: b}", True),
        ("{crawler: true}", "{crawler: false}", False),
        ("{experiment: {e: x}}", "{experiment: {e: y}}", False),
        ("{experiment: {e: x}}", "{experiment: {f: y}}", True),
        ("{experiment: {E: x}}", "{experiment: {e: y}}", False),
        ("{experiment: {e: ' X'}}", "{experiment: {e: x}}", True),
        ("{result: {at_least: 5}}", "{result: {at_most: 4}}", False),
        ("{any: [{device: a}, {device: b}]}", "{any: [{device: a}]}", True),
        ("{any: [{device: a}, {device: b}]}", "{device: c}", False),
        ("{none: [{device: a}]}", "{device: a}", False),
        ("{filter: {category: Shoes}}", "{filter: {category: shoe}}", True),
        ("{filter: {category: Shoes}}", "{filter: {category: Boots}}", False),
        ("{filter: {category: [Shoes, Boots]}}", "{filter: {category: [Boots, Hats]}}", True),
        ("{filter: {category: Shoes}}", "{filter: {color: red}}", True),
        ("{browse: true}", "{browse: false}", False),
        ("{browse: true}", "{query: {longest: 5}}", False),
    ],
)
def test_pins_clash_only_where_both_can_hold(one: str, other: str, clash: bool) -> None:
    found = said(pin("a", "A1", more=f"  when: {one}\n") + pin("b", "A2", more=f"  when: {other}\n"))
    checks = {check for _, check, _, _ in found}
    # What is not as specific does not clash: one of the two wins for a reason.
    assert ("pin-clash" in checks) is (clash and _as_specific(one, other)), found


def _as_specific(one: str, other: str) -> bool:
    first, second = (specificity(When.model_validate(read_marked(text)[0])) for text in (one, other))
    return first == second


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ("{until: 2027-01-01}", "{from: 2027-01-01}", False),
        ("{until: 2027-01-02}", "{from: 2027-01-01}", True),
        ("{days: [mon, tue]}", "{days: [wed]}", False),
        ("{days: [mon, tue]}", "{days: [tue]}", True),
        ("{hours: 08:00-12:00}", "{hours: 12:00-18:00}", False),
        ("{hours: 08:00-12:30}", "{hours: 12:00-18:00}", True),
        ("{hours: 22:00-06:00}", "{hours: 05:00-08:00}", True),
        ("{days: mon, timezone: Asia/Tokyo}", "{days: sun}", True),
    ],
)
def test_pins_clash_only_while_both_are_active(one: str, other: str, clash: bool) -> None:
    text = pin("a", "A1", more=f"  active: {one}\n") + pin("b", "A2", more=f"  active: {other}\n")
    assert ("pin-clash" in {check for _, check, _, _ in said(text)}) is clash


def test_a_product_pinned_twice_or_pinned_and_hidden() -> None:
    twice = "- id: a\n  then:\n  - pin: {id: A1, position: 1}\n  - pin: {id: A1, position: 2}\n"
    assert said(twice) == [("error", "pinned-twice", 5, "a")]
    same_place = "- id: a\n  then:\n  - pin: {id: A1, position: 1}\n  - pin: {id: A2, position: 1}\n"
    elsewhere = twice.replace("A1, position: 1", "A1, index: de, position: 1")
    assert said(elsewhere.replace("A1, position: 2", "A1, index: en, position: 2")) == []
    assert said(elsewhere) == [("error", "pinned-twice", 5, "a")]
    assert said(same_place) == [("error", "pin-clash", 5, "a")]
    assert said(pin("a", place=1) + pin("b", place=2)) == [("warning", "pinned-twice", 7, "b")]
    assert said("- id: h\n" + HIDE + pin("p")) == [("error", "pinned-and-hidden", 6, "p")]
    for_most = "- id: h\n  holdout: 0.1\n" + HIDE + pin("p")
    assert said(for_most) == [("warning", "pinned-and-hidden", 7, "p")]
    some = "- id: h\n  when: {device: a}\n" + HIDE + pin("p")
    assert said(some) == [("warning", "pinned-and-hidden", 7, "p")]
    apart = "- id: h\n  when: {device: a}\n" + HIDE + pin("p", more="  when: {device: b}\n")
    assert said(apart) == []


@pytest.mark.parametrize(
    ("when", "line"),
    [
        ("{query: {exact: red shoes, longest: 1}}", 3),
        ("{query: {exact: red shoes, starts_with: blue}}", 3),
        ("{query: {contains: a b c, longest: 2}}", 3),
        ("{query: {contains: '!!!'}}", 3),
        ("{device: a, any: [{device: b}, {device: c}]}", 3),
        ("{device: a, any: [{device: b}, {device: a}]}", 3),
        ("{device: a, none: [{device: [a, b]}]}", 3),
        ("{any: [{query: {words: [a, b], longest: 1}}]}", 3),
        ("{browse: true, query: {contains: a}}", 3),
        ("{browse: true, intent: brand}", 3),
        ("{browse: true, any: [{category: a}, {device: b}]}", 3),
        ("{query: {exact: 红色沙发, starts_with: 沙}}", 3),
        ("{query: {exact: 红色沙发, words: 鞋}}", 3),
        ("{query: {contains: 跑步鞋}, none: [{query: {contains: 鞋}}]}", 3),
        ("{experiment: {e: x, E: y}}", 3),
        ("{experiment: {e: x}, none: [{experiment: {E: [X, y]}}]}", 3),
        ("{filter: {size: 42}, none: [{filter: {size: [42, 43]}}]}", 3),
        ("{query: {contains: a}, none: [{browse: false}]}", 3),
    ],
)
def test_conditions_that_contradict_each_other(when: str, line: int) -> None:
    (problem,) = linted(f"- id: a\n  when: {when}\n{HIDE}")
    assert (problem.severity, problem.check, problem.line) == ("error", "unreachable", line)


@pytest.mark.parametrize(
    "when",
    [
        "{query: {exact: red shoes, starts_with: red, contains: Shoe, longest: 2}}",
        "{device: a, any: [{device: a}, {intent: brand}]}",
        "{brand: a, any: [{brand: b}]}",
        "{device: [a, b], none: [{device: a}]}",
        "{query: {contains: 红}}",
        "{query: {exact: 跑步鞋}, any: [{query: {contains: 鞋}}, {brand: zz}]}",
        "{query: {exact: 跑步鞋, contains: [boots, 鞋], words: [步, 鞋]}}",
        "{query: {exact: 红色沙发, starts_with: 红}}",
        "{query: {words: [跑, 鞋], longest: 1}}",
        "{query: {words: 鞋}, none: [{query: {words: 红 鞋}}]}",
        "{filter: {category: Shoes}, any: [{filter: {category: Sale}}]}",
        "{browse: true, none: [{query: {contains: a}}], result: {at_most: 0}}",
    ],
)
def test_conditions_that_do_not(when: str) -> None:
    assert said(f"- id: a\n  when: {when}\n{HIDE}") == []


def test_shadowed_pins() -> None:
    wide = pin("wide", "A1", more="  priority: 5\n")
    fetched = pin("wide", "A1", more="  priority: 5\n", extra=", on_missing: fetch")
    narrow = pin("narrow", "A2", more="  when: {device: a}\n")
    assert said(wide + narrow) == [("warning", "shadowed", 9, "narrow")]
    assert said(fetched + narrow) == [("error", "shadowed", 9, "narrow")]
    sometimes = pin("wide", "A1", more="  priority: 5\n  when: {channel: b}\n")
    assert said(sometimes + narrow) == []
    for_a_while = pin("wide", "A1", more="  priority: 5\n  active: {until: 2027-01-01}\n")
    assert said(for_a_while + narrow) == []
    not_for_all = pin("wide", "A1", more="  priority: 5\n  holdout: 0.1\n")
    assert said(not_for_all + narrow) == []


def test_periods() -> None:
    assert said("- id: a\n  active:\n    until: 2026-11-01\n" + HIDE) == [("error", "expired", 4, "a")]
    assert said("- id: a\n  active:\n    until: 2026-12-01\n" + HIDE) == [("warning", "ends-soon", 4, "a")]
    assert said("- id: a\n  active:\n    until: 2027-12-01\n" + HIDE) == []
    assert said("- id: a\n  enabled: false\n  active: {until: 2026-11-01}\n" + HIDE) == []


def test_filters_that_match_nothing_or_everything() -> None:
    def of(action: str, index: MemoryIndex | None = SHOP) -> list[tuple[str, str]]:
        found = said(f"- id: a\n  then: [{{{action}}}]\n", index_view=index)
        return [(severity, check) for severity, check, _, _ in found]

    assert of("boost: {filter: brand == 'UMLAUT', weight: 2}") == []
    assert of("boost: {filter: brand == 'Umlauts', weight: 2}") == [("error", "matches-nothing")]
    assert of("pin: {filter: price > 99, position: 1}") == [("error", "matches-nothing")]
    assert of("demote_unavailable: {filter: stock < 0}") == [("warning", "matches-nothing")]
    assert of("demote_unavailable: {filter: stock < 9}") == [("warning", "no-effect")]
    assert of("hide: {filter: price > 0}") == [("error", "hides-everything")]
    assert of("hide: {filter: price > 20}") == []
    assert of("filter: {filter: price > 60}") == [("error", "hides-everything")]
    assert of("filter: {filter: price > 20}") == []
    assert of("hide: {filter: 'true'}", None) == [("error", "hides-everything")]
    assert of("filter: {filter: 'false'}", None) == [("error", "hides-everything")]
    assert of("filter: {filter: 'true'}", None) == [("warning", "no-effect")]
    assert of("hide: {filter: price > 60}", None) == []
    part = MemoryIndex({"A1": {"price": [1.0]}}, all_read=False)
    assert of("boost: {filter: price > 60, weight: 2}", part) == [], "nothing is known of the others"


def test_missing_products() -> None:
    text = """
- id: a
  then:
  - pin: {id: B7, position: 1}
  - slot: {kind: editorial, positions: [3, 4], ids: [A1, B8]}
  - hide: {ids: [B9]}
"""
    assert said(text, index_view=SHOP) == [
        ("error", "missing-product", 5, "a"),
        ("error", "missing-product", 6, "a"),
        ("warning", "missing-product", 7, "a"),
    ]


def test_places_beyond_the_window() -> None:
    text = """
- id: a
  then:
  - pin: {filter: "true", position: 9, until: 11}
  - slot: {kind: recommended, positions: [2, 30]}
  - diversify: {first: 20, max_per_field: {brand: 2}}
  - pin: {id: A1, position: 3}
"""
    assert said(text, ranked=10) == [
        ("error", "beyond-the-window", 5, "a"),
        ("error", "beyond-the-window", 6, "a"),
        ("warning", "beyond-the-window", 7, "a"),
    ]


@pytest.mark.parametrize(
    "action",
    [
        "boost: {filter: price > 1, weight: 1}",
        "bury: {ids: [x], weight: 1}",
        "personalize: {strength: 1}",
        "diversify: {mmr: {balance: 1}}",
        "metadata: {}",
    ],
)
def test_actions_without_effect(action: str) -> None:
    assert said(f"- id: a\n  then:\n  - {action}\n") == [("warning", "no-effect", 4, "a")]


def test_names_that_no_query_is_understood_to_name() -> None:
    class Known:
        def knows(self, kind: str, name: str) -> bool:
            return (kind, name.lower()) in {("brand", "acme"), ("category", "shoes")}

    text = (
        "- id: a\n  when:\n    brand: [Acme,\n      Akme]\n    any: [{category: shoes}, {color: acme}]\n"
        + HIDE
    )
    assert said(text, vocabulary=Known()) == [
        ("warning", "unknown-name", 5, "a"),
        ("warning", "unknown-name", 6, "a"),
    ]


def test_searches_restricted_to_what_no_document_has() -> None:
    index = MemoryIndex({"A1": {"category": ["Shoes"], "stock": [3], "in_stock": [True], "price": [9.5]}})
    text = (
        "- id: a\n  when:\n    filter:\n      category: [shoes,\n        Shoos]\n"
        "      stock: [3,\n        4,\n        some]\n      in_stock: [true,\n        false]\n"
        "    none: [{filter: {category: Boots}}]\n" + HIDE
    )
    found = said(text, index_view=index)
    assert found == [("warning", "no-such-value", line, "a") for line in (6, 8, 9, 11, 12)]
    assert said(text) == []


def test_a_thousand_rules_on_one_place_take_no_long_time() -> None:
    text = "".join(
        pin(f"r{n}", f"P{n}", more=f"  when: {{query: {{contains: word{n}}}}}\n") for n in range(400)
    )
    begin = time.perf_counter()
    found = linted(text)
    assert time.perf_counter() - begin < 30
    assert {one.check for one in found} == {"pin-clash"}


@pytest.mark.parametrize("keys", [("starts_with",), ("starts_with", "contains"), ("exact",)])
def test_many_rules_of_many_phrases_take_no_long_time(keys: tuple[str, ...]) -> None:
    text = ""
    for number in range(150):
        phrases = ", ".join(f"the w{number} x{one}" for one in range(150))
        query = ", ".join(f"{key}: [{phrases}]" for key in keys)
        text += pin(f"r{number}", f"P{number}", more=f"  when: {{query: {{{query}}}}}\n")
    begin = time.process_time()
    assert linted(text) == []
    assert time.process_time() - begin < 15
