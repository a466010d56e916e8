"""When a rule holds: words, names, context, results."""

from typing import Any

import pytest

from sidecar.domain.candidate import Candidate
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import Context, FieldFilter, Search, Shopper
from sidecar.domain.understanding import Entity, EntityKind, Intent, Understanding
from sidecar.ranking.layout.asked import asked
from sidecar.ranking.layout.compiled import compile_rules
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary
from tests.fixtures.layouts import NOW, hits, rules

READER = Reader(Vocabulary.without_catalogue())


def holds(when: str, query: str = "Red Running Shoes", *, read: bool = True, **more: Any) -> bool:
    """Whether a rule with this condition holds; found by the index as well as by its checks."""
    candidates = more.pop("candidates", hits({"category": ["shoe", "shoe", "hat", "shoe"]}))
    profile, anonymous = more.pop("profile", "default"), more.pop("anonymous", True)
    understanding = more.pop("understanding", READER.read(query) if read else None)
    search = Search(query, candidates, Deadline.after(9), understanding=understanding, **more)
    made = compile_rules(rules(f"[{{when: {when}, then: {{metadata: {{a: 1}}}}}}]"))
    said = asked(search, candidates, profile=profile, anonymous=anonymous)

    def failed(_: object, error: Exception) -> None:
        raise error

    return bool(made.matching(said, NOW, failed))


@pytest.mark.parametrize("read", [True, False], ids=["understood", "plain"])
@pytest.mark.parametrize(
    ("when", "held"),
    [
        ("{}", True),
        ("{query: {exact: red running shoe}}", True),
        ("{query: {exact: RED RUNNING SHOES}}", True),
        ("{query: {exact: running shoes}}", False),
        ("{query: {exact: [boots, réd running shoes]}}", True),
        ("{query: {starts_with: red run}}", False),
        ("{query: {starts_with: red running}}", True),
        ("{query: {starts_with: running}}", False),
        ("{query: {contains: running shoe}}", True),
        ("{query: {contains: red shoe}}", False),
        ("{query: {contains: [boots, running]}}", True),
        ("{query: {words: [shoes, red]}}", True),
        ("{query: {words: [shoes, blue]}}", False),
        ("{query: {longest: 3}}", True),
        ("{query: {longest: 2}}", False),
        ("{query: {contains: running, longest: 2}}", False),
        ("{any: [{query: {exact: boots}}, {query: {contains: red}}]}", True),
        ("{any: [{query: {exact: boots}}, {query: {exact: hats}}]}", False),
        ("{none: [{query: {contains: red}}]}", False),
        ("{none: [{query: {contains: blue}}]}", True),
        ("{query: {contains: red}, none: [{device: phone}]}", True),
    ],
)
def test_words_of_the_query(when: str, held: bool, read: bool) -> None:
    assert holds(when, read=read) is held


@pytest.mark.parametrize(
    ("when", "query", "held"),
    [
        ("{query: {contains: 沙发}}", "红色沙发", True),
        ("{query: {starts_with: 红色}}", "红色沙发", True),
        ("{query: {exact: 红色沙发}}", "红色沙发", True),
        ("{query: {contains: 椅子}}", "红色沙发", False),
        ("{query: {contains: 鞋}}", "跑步鞋", True),
        ("{query: {words: [鞋, 跑步]}}", "跑步鞋", True),
        ("{query: {contains: 鞋}}", "红色沙发", False),
        ("{query: {contains: [鞋, 沙发]}}", "红色沙发", True),
        ("{query: {starts_with: 红}}", "红色沙发", True),
        ("{query: {starts_with: 红}}", " 红色沙发", True),
        ("{query: {starts_with: 发}}", "红色沙发", False),
        ("{query: {starts_with: [发, 红色]}}", "红色沙发", True),
        ("{query: {starts_with: 红, longest: 1}}", "红色沙发", False),
        ("{query: {contains: größe}}", "KLEID GRÖSSE 42", True),
        ("{query: {contains: grösse}}", "Kleid Grosse 42", True),
        ("{query: {contains: футболка}}", "Белая Футболка", True),
    ],
)
def test_words_in_any_language(when: str, query: str, held: bool) -> None:
    assert holds(when, query) is held


def understanding(*entities: Entity, typed: str = "", corrected: str = "", **more: Any) -> Understanding:
    defaults: dict[str, Any] = {
        "normalised": typed,
        "tokens": typed.split(),
        "corrected": (corrected or typed).split(),
        "entities": entities,
        "numbers": (),
        "unwanted": (),
        "filler": frozenset(),
        "intent": Intent.CATEGORY,
        "intent_confidence": 1.0,
        "specificity": 0.5,
    }
    return Understanding(**{**defaults, **more})


def test_names_that_the_query_wants() -> None:
    nordby = Entity(EntityKind.BRAND, "Nordby", "nordby", (0, 1))
    shoe = Entity(EntityKind.CATEGORY, "Running Shoes", "running shoe", (1, 3))
    found = understanding(nordby, shoe, typed="nordby running shoe")
    assert holds("{brand: NORDBY}", understanding=found)
    assert holds("{brand: [Foxmoor, nordby], category: running shoes}", understanding=found)
    assert not holds("{brand: Foxmoor}", understanding=found)
    assert not holds("{color: red}", understanding=found)
    assert holds("{intent: [brand, category]}", understanding=found)
    assert not holds("{intent: question}", understanding=found)
    unwanted = understanding(Entity(EntityKind.BRAND, "Nordby", "nordby", (0, 1), negated=True))
    assert not holds("{brand: Nordby}", understanding=unwanted)


def test_corrected_words_count_as_well_as_those_typed() -> None:
    found = understanding(typed="snekaer white", corrected="sneaker white")
    assert holds("{query: {starts_with: sneakers}}", understanding=found)
    assert holds("{query: {exact: snekaers white}}", understanding=found)
    assert not holds("{query: {words: [snekaers, sneaker]}}", understanding=found)


@pytest.mark.parametrize(
    ("when", "held"),
    [
        ("{locale: en}", True),
        ("{locale: en-GB}", True),
        ("{locale: en_gb}", True),
        ("{locale: [de, en-US]}", False),
        ("{locale: e}", False),
        ("{device: Phone}", True),
        ("{device: [desktop, tablet]}", False),
        ("{channel: app, application: shop}", True),
        ("{segment: [vip, runner]}", True),
        ("{segment: vip}", False),
        ("{crawler: false}", True),
        ("{crawler: true}", False),
        ("{anonymous: true}", True),
        ("{anonymous: false}", False),
        ("{experiment: {layout: [b, c]}}", True),
        ("{experiment: {layout: a}}", False),
        ("{experiment: {other: b}}", False),
        ("{index: products}", True),
        ("{index: 'prod*'}", True),
        ("{index: '*uct'}", False),
        ("{index: [other, 'p*s']}", True),
        ("{profile: Default}", True),
        ("{profile: [other]}", False),
    ],
)
def test_context(when: str, held: bool) -> None:
    context = Context("en-GB", "phone", "app", "Shop", experiments={"layout": "B"})
    shopper = Shopper(segments=("Runner", "gold"))
    assert holds(when, context=context, shopper=shopper, index="products") is held


@pytest.mark.parametrize(
    ("when", "held"),
    [
        ("{result: {at_least: 4}}", True),
        ("{result: {at_least: 5}}", False),
        ("{result: {at_most: 4}}", True),
        ("{result: {at_most: 3}}", False),
        ("{result: {top: {value: Shoes, share: 0.75, first: 4}}}", True),
        ("{result: {top: {value: hat, share: 0.5, first: 4}}}", False),
        ("{result: {top: {share: 0.7, first: 4}}}", True),
        ("{result: {top: {share: 0.9, first: 4}}}", False),
        ("{result: {top: {field: brand}}}", False),
    ],
)
def test_results(when: str, held: bool) -> None:
    assert holds(when) is held


@pytest.mark.parametrize(("many", "of"), [(7, 100), (7, 50), (7, 25), (55, 100), (29, 100)])
def test_exactly_the_share_of_the_top_value(many: int, of: int) -> None:
    category = ["hat"] * many + [f"kind {number}" for number in range(of - many)]
    condition = f"{{result: {{top: {{value: hat, first: 100, share: {many / of}}}}}}}"
    assert holds(condition, candidates=hits({"category": category}))
    assert not holds(condition, candidates=hits({"category": ["shoe", *category[1:]]}))


def test_without_hits_no_value_is_on_top() -> None:
    none: list[Candidate] = []
    assert not holds("{result: {top: {share: 0}}}", candidates=none)
    assert holds("{result: {at_most: 0}}", candidates=none)


def test_a_condition_without_words_leaves_its_rule_out_and_says_so() -> None:
    made = compile_rules(rules("[{when: {query: {contains: '!!!'}}, then: {metadata: {a: 1}}}]"))
    assert not len(made)
    assert made.problems[0][0] == "r1"
    assert "!!!" in made.problems[0][1]


def test_an_expression_that_cannot_be_compiled_leaves_its_rule_out_and_says_so() -> None:
    text = """
    - {then: {hide: {filter: 'brand =='}}}
    - {then: {hide: {filter: 'x == 1'}}}
    - {enabled: false, then: {hide: {ids: [a]}}}
    """
    made = compile_rules(rules(text))
    assert [rule.id for rule in made.rules] == ["r2"]
    assert [rule for rule, _ in made.problems] == ["r1"]


def test_time() -> None:
    text = """
    - {active: {from: 2027-05-03, until: 2027-05-04}, then: {metadata: {a: 1}}}
    - {active: {days: mon, hours: '17:00-18:00', timezone: Europe/Berlin}, then: {metadata: {a: 1}}}
    - {active: {until: 2027-05-03}, then: {metadata: {a: 1}}}
    """
    made = compile_rules(rules(text))
    said = asked(Search("x", [], Deadline.after(1)), [], profile="", anonymous=True)

    def active(now: float) -> list[str]:
        return [rule.id for rule in made.matching(said, now, lambda *_: None)]

    assert active(NOW) == ["r1", "r2"]  # 15:30 UTC, a Monday
    assert active(NOW + 30 * 60) == ["r1"]
    assert active(NOW - 24 * 3600) == ["r3"]


def test_rules_that_share_a_condition_hold_together_strongest_first() -> None:
    text = """
    - {priority: 1, when: {query: {contains: shoes}}, then: {metadata: {a: 1}}}
    - {priority: 3, when: {query: {contains: shoes}}, then: {metadata: {a: 2}}}
    - {priority: 2, when: {query: {contains: red}}, then: {metadata: {a: 3}}}
    - {priority: 4, when: {query: {contains: shoes}}, active: {until: 2027-05-03}, then: {metadata: {a: 4}}}
    """
    made = compile_rules(rules(text))
    said = asked(Search("red shoes", [], Deadline.after(1)), [], profile="", anonymous=True)
    assert [rule.id for rule in made.matching(said, NOW, lambda *_: None)] == ["r2", "r3", "r1"]
    assert len(made._index.possible(said)) == 3


def test_only_rules_that_can_hold_are_looked_at() -> None:
    many = "\n".join(
        f"- {{when: {{query: {{contains: 'word{number} common'}}}}, then: {{hide: {{ids: [a]}}}}}}"
        for number in range(500)
    )
    made = compile_rules(rules(many + "\n- {when: {query: {longest: 9}}, then: {hide: {ids: [a]}}}"))
    said = asked(Search("word7 common", [], Deadline.after(1)), [], profile="", anonymous=True)
    assert len(made._index.possible(said)) == 2


def test_of_many_category_pages_only_the_rules_of_this_one_are_looked_at() -> None:
    many = "\n".join(
        f"- {{when: {{browse: true, filter: {{category: 'kind {number}', in_stock: true}}}}, "
        "then: {hide: {ids: [a]}}}"
        for number in range(500)
    )
    made = compile_rules(rules(many))
    filters = [FieldFilter("category", ("Kind 7", "kind 8")), FieldFilter("in_stock", ("true",))]
    page = Search("", [], Deadline.after(1), filters=filters)
    assert len(made._index.possible(asked(page, [], profile="", anonymous=True))) == 2
    nowhere = Search("", [], Deadline.after(1))
    assert made._index.possible(asked(nowhere, [], profile="", anonymous=True)) == []


FILTERS = [
    FieldFilter("category", ("Shoes",)),
    FieldFilter("brand", ("Nike", "Adidas")),
    FieldFilter("size", ("42",)),
    FieldFilter("tags", ("new",)),
    FieldFilter("tags", ("sale",)),
    FieldFilter("in_stock", ("true",)),
    FieldFilter("degrees", ("-5",)),
]


@pytest.mark.parametrize("query", ["red shoes", ""], ids=["a facet", "a category page"])
@pytest.mark.parametrize(
    ("when", "held"),
    [
        ("{filter: {category: Shoes}}", True),
        ("{filter: {category: [boots, SHOE]}}", True),
        ("{filter: {category: Boots}}", False),
        ("{filter: {color: red}}", False),
        ("{filter: {category: Shoes, size: 42}}", True),
        ("{filter: {category: Shoes, size: 43}}", False),
        ("{filter: {size: 42.0, in_stock: true}}", True),
        ("{filter: {in_stock: false}}", False),
        ("{filter: {brand: Nike}}", False),  # Adidas is among the hits as well
        ("{filter: {brand: [Nike, Adidas, Puma]}}", True),
        ("{filter: {tags: sale}}", True),
        ("{filter: {tags: old}}", False),
        ("{filter: {degrees: -5}}", True),
        ("{filter: {degrees: 5}}", False),
        ("{none: [{filter: {category: Shoes}}]}", False),
        ("{any: [{filter: {category: Hats}}, {filter: {tags: new}}]}", True),
    ],
)
def test_what_the_search_is_restricted_to(when: str, held: bool, query: str) -> None:
    assert holds(when, query, filters=FILTERS) is held


@pytest.mark.parametrize(
    ("when", "words", "none"),
    [
        ("{}", True, True),
        ("{browse: true}", False, True),
        ("{browse: false}", True, False),
        ("{query: {longest: 5}}", True, False),
        ("{query: {contains: shoes}}", True, False),
        ("{none: [{query: {longest: 5}}]}", False, True),
        ("{browse: true, filter: {category: Shoes}}", False, True),
        ("{result: {at_least: 1}}", True, True),
    ],
)
def test_searches_with_and_without_words(when: str, words: bool, none: bool) -> None:
    assert holds(when, "red shoes", filters=FILTERS) is words
    assert holds(when, " \u3000", filters=FILTERS, read=False) is none
    assert holds(when, "", filters=FILTERS, read=True) is none
