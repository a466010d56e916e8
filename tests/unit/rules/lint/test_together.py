"""What lint says of conditions without a search, against what searches say."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.search import FieldFilter
from sidecar.domain.understanding import EntityKind
from sidecar.ranking.layout import folding
from sidecar.ranking.layout.asked import Asked
from sidecar.ranking.layout.conditions import NeverHolds, checks_of, holds
from sidecar.rules.language.conditions import When
from sidecar.rules.lint.together import can_hold_together, implies, why_impossible
from sidecar.text.folding import words

WORDS = ("red", "blue", "shoe", "红色", "红")
few = st.lists(st.sampled_from([*WORDS, "Red "]), min_size=1, max_size=2, unique=True)


def some_phrases(*words: str) -> st.SearchStrategy[list[str]]:
    """One or two of one or two words each."""
    phrase = st.lists(st.sampled_from(words), min_size=1, max_size=2).map(" ".join)
    return st.lists(phrase, min_size=1, max_size=2)


def some_of(**keys: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A few of the keys."""
    names = st.lists(st.sampled_from(sorted(keys)), min_size=1, max_size=3, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: keys[name] for name in chosen}))


simple = some_of(
    query=some_of(
        exact=some_phrases(*WORDS),
        starts_with=some_phrases(*WORDS),
        contains=some_phrases(*WORDS),
        words=few,
        longest=st.integers(1, 3),
    ),
    brand=few,
    device=few,
    segment=few,
    intent=st.lists(st.sampled_from(["brand", "category"]), min_size=1, max_size=2, unique=True),
    locale=st.lists(st.sampled_from(["en", "en-GB", "de"]), min_size=1, max_size=2, unique=True),
    crawler=st.booleans(),
    experiment=st.dictionaries(st.sampled_from("eEf"), few, min_size=1),
    filter=st.dictionaries(st.sampled_from("gh"), few, min_size=1),
    browse=st.booleans(),
)
whens = st.one_of(
    simple,
    st.tuples(simple, st.sampled_from(["any", "none"]), st.lists(simple, min_size=1, max_size=2)).map(
        lambda three: {**three[0], three[1]: three[2]}
    ),
).map(When.model_validate)

searches = st.builds(
    lambda query, brands, segments, arms, filters, intent, **more: Asked(
        queries=[words(" ".join(query))] if query else [],
        text=" ".join(query),
        names={EntityKind.BRAND: frozenset(brands)} if query else {},
        segments=frozenset(map(folding.word, segments)),
        arms={name: folding.word(arm) for name, arm in arms.items()},
        filters=[FieldFilter(name, tuple(values)) for name, values in filters.items()],
        browse=not query,
        intent=intent if query else "",
        **{"index": "", "profile": "", "channel": "", "application": "", "anonymous": True, **more},
    ),
    query=st.lists(st.sampled_from(WORDS), max_size=4),
    brands=st.lists(st.sampled_from(WORDS), max_size=2),
    segments=st.lists(st.sampled_from(WORDS), max_size=2),
    arms=st.dictionaries(st.sampled_from("ef"), st.sampled_from(WORDS)),
    filters=st.dictionaries(st.sampled_from("gh"), few),
    intent=st.sampled_from(["brand", "category", ""]),
    locale=st.sampled_from(["en", "en-gb", "de", ""]),
    device=st.sampled_from(WORDS),
    crawler=st.booleans(),
)


def met(when: When, search: Asked) -> bool:
    try:
        return holds(checks_of(when), search)
    except NeverHolds:
        return False


@given(whens, whens, st.lists(searches, min_size=1, max_size=10))
def test_no_search_shows_that_lint_is_wrong(one: When, other: When, asked: list[Asked]) -> None:
    together, follows, never = can_hold_together(one, other), implies(one, other), why_impossible(one)
    for search in asked:
        first, second = met(one, search), met(other, search)
        assert together or not (first and second)
        assert not follows or second or not first
        assert not (never and first), never


@given(whens)
def test_a_condition_implies_itself(when: When) -> None:
    assert implies(when, when)
    assert why_impossible(when) or can_hold_together(when, when)
