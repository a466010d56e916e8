"""Hits and rules made up for the layout's properties. What each filter means is said again, in Python."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from sidecar.domain.candidate import Candidate
from sidecar.rules.language.rule import Rule
from tests.fixtures.layouts import name_of

PROPERTIES = 13
"""They share the lane's cases: ten thousand all together in the long one."""

SHARED = settings(max_examples=max(50, -(-settings().max_examples // PROPERTIES)))

Fields = Mapping[str, Any]
FILTERS: dict[str, Callable[[Fields], bool]] = {
    "brand == 'A'": lambda hit: hit.get("brand") == "A",
    "brand in ['B', 'C']": lambda hit: hit.get("brand") in ("B", "C"),
    "stock <= 0": lambda hit: hit.get("stock") is not None and hit["stock"] <= 0,
    "price > 5": lambda hit: hit.get("price") is not None and hit["price"] > 5,
    "not exists(brand)": lambda hit: hit.get("brand") is None,
    "price / stock > 1": lambda hit: bool(hit.get("stock")) and (hit.get("price") or 0) / hit["stock"] > 1,
    "stock >= 0 or not exists(stock)": lambda _: True,
}
IDS = [name_of(place) for place in range(8)]
ANY_ID = st.sampled_from([*IDS, "zz", "yy"])
FILTER = st.sampled_from(list(FILTERS))
PLACE = st.integers(1, 12)

VALUES: dict[str, list[Any]] = {
    "brand": ["A", "B", "C", None],
    "kind": ["x", "y", None],
    "group": ["g", "h", None, None],
    "stock": [0.0, 1.0, 3.0, None],
    "price": [1.0, 6.0, 9.0, None],
    "title": ["red shoe for men", "red shoe for man", "blue hat", "big red shoe", ""],
    "step": [0.0, 0.0, 0.1, 1.0, 5.0],
}
"""What a hit may have; `step` is how far its score lies under the hit before it."""

# One draw a hit: seven, most of the time that a case takes, would be spent on drawing.
HIT = st.sampled_from([dict(zip(VALUES, values, strict=True)) for values in product(*VALUES.values())])


@st.composite
def windows(draw: st.DrawFn, most: int = 8) -> list[Candidate]:
    """Hits a, b, …; scores fall, some are equal."""
    score, made = 10.0, []
    for place, hit in enumerate(draw(st.lists(HIT, max_size=most))):
        score -= hit["step"]
        fields = {name: [hit[name]] for name in VALUES if name != "step" and hit[name] not in (None, "")}
        made.append(Candidate(name_of(place), place + 1, score, "shop", fields))
    return made


def plain(candidate: Candidate) -> dict[str, Any]:
    """A hit's fields with one value each."""
    return {name: values[0] for name, values in candidate.fields.items()}


SELECTION = st.one_of(
    st.fixed_dictionaries({"filter": FILTER}),
    st.fixed_dictionaries({"ids": st.lists(ANY_ID, min_size=1, max_size=2)}),
)
HARD_PIN = st.fixed_dictionaries(
    {"id": ANY_ID, "position": PLACE, "on_missing": st.sampled_from(["slide", "gap", "fetch"])}
)
SOFT_PIN = st.fixed_dictionaries({"id": ANY_ID, "position": PLACE, "mode": st.just("soft")})
FILTER_PIN = st.fixed_dictionaries(
    {"filter": FILTER, "position": st.lists(PLACE, min_size=1, max_size=2, unique=True)}
)
CAPS = st.dictionaries(st.sampled_from(["brand", "kind"]), st.integers(1, 2), min_size=1)
WEIGHT = st.sampled_from([1.0, 1.5, 10.0, 100.0])
MMR = st.fixed_dictionaries({"balance": st.sampled_from([0.0, 0.5, 1.0])})

HIDING = st.one_of(SELECTION.map(lambda one: {"hide": one}), SELECTION.map(lambda one: {"filter": one}))
WEIGHING = st.one_of(
    st.tuples(SELECTION, WEIGHT).map(lambda one: {"boost": {**one[0], "weight": one[1]}}),
    st.tuples(SELECTION, WEIGHT).map(lambda one: {"bury": {**one[0], "weight": one[1]}}),
    WEIGHT.map(lambda one: {"boost": {"range": {"value": "price", "low": 0, "high": 10}, "weight": one}}),
    WEIGHT.map(lambda one: {"boost": {"stock": {}, "weight": one}}),
)
DEMOTING = st.just({"demote_unavailable": {}})
COLLAPSING = st.sampled_from(
    [
        {"collapse": {"field": "group"}},
        {"collapse": {"field": "group", "keep": "lowest", "value": "price"}},
        {"collapse": {"field": "kind", "keep": "highest", "value": "price"}},
    ]
)
VARYING = st.one_of(
    st.tuples(st.integers(1, 6), CAPS).map(
        lambda one: {"diversify": {"first": one[0], "max_per_field": one[1]}}
    ),
    st.tuples(st.integers(1, 6), MMR).map(lambda one: {"diversify": {"first": one[0], "mmr": one[1]}}),
    st.integers(1, 6).map(lambda one: {"diversify": {"first": one, "max_similar": {"similarity": 0.6}}}),
    st.tuples(st.integers(1, 6), FILTER).map(
        lambda one: {"diversify": {"first": one[0], "quotas": [{"filter": one[1], "least": 2}]}}
    ),
)
PINNING = st.one_of(HARD_PIN, SOFT_PIN, FILTER_PIN).map(lambda one: {"pin": one})
SLOT = st.one_of(
    st.tuples(FILTER, PLACE).map(
        lambda one: {"slot": {"kind": "sponsored", "label": "Ad", "filter": one[0], "positions": [one[1]]}}
    ),
    st.tuples(st.lists(ANY_ID, min_size=1, max_size=3), PLACE).map(
        lambda one: {"slot": {"kind": "editorial", "ids": one[0], "positions": [one[1], one[1] + 1]}}
    ),
)
ANYTHING = st.one_of(HIDING, WEIGHING, DEMOTING, COLLAPSING, VARYING, PINNING, SLOT)


def rule_lists(action: st.SearchStrategy[Any] = ANYTHING, most: int = 5) -> st.SearchStrategy[list[Rule]]:
    """Rules of such actions, r0, r1, …"""
    return st.lists(
        st.tuples(st.integers(0, 1), st.lists(action, min_size=1, max_size=3)), max_size=most
    ).map(
        lambda drawn: [
            Rule.model_validate({"id": f"r{number}", "priority": priority, "then": then})
            for number, (priority, then) in enumerate(drawn)
        ]
    )


def pins_of(rules: Sequence[Rule]) -> list[tuple[str, Any]]:
    """Each pin with its rule's id."""
    return [(rule.id, action.pin) for rule in rules for action in rule.then if action.pin is not None]
