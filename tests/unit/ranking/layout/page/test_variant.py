"""Each shopper gets one of a page's variants, crawlers and strangers all the same."""

import pytest

from sidecar.domain.search import Context
from sidecar.ranking.layout.page.facts import PageFacts
from sidecar.ranking.layout.page.variant import chosen
from sidecar.rules.language.telling import PageLayout
from tests.unit.ranking.layout.page.facts import facts

GRID = {"sections": [{"name": "grid", "kind": "grid"}]}


def page(**more: object) -> PageLayout:
    return PageLayout.model_validate({"variants": {"b": GRID, "a": GRID}, **more})


def name(found: PageFacts, context: Context | None = None) -> str:
    return chosen(found, context or Context())[0]


def test_a_page_without_variants_is_itself() -> None:
    plain = PageLayout.model_validate(GRID)
    assert chosen(facts(page=plain), Context()) == ("", plain)
    assert chosen(facts(), Context()) == ("", None)


def test_strangers_and_crawlers_get_the_first_by_name() -> None:
    assert name(facts(page=page())) == "a"
    known = facts(page=page(experiment="look"), chance=lambda salt: 0.99)
    assert name(known, Context(crawler=True, experiments={"look": "b"})) == "a"


def test_the_clients_arm_names_the_variant_if_there_is_such() -> None:
    known = facts(page=page(experiment="look"), chance=lambda salt: 0.0)
    assert name(known, Context(experiments={"look": "b"})) == "b"
    assert name(known, Context(experiments={"look": "unheard of"})) == "a"
    assert name(known, Context(experiments={"other": "b"})) == "a"


@pytest.mark.parametrize(
    ("shares", "chance", "expected"),
    [
        ({}, 0.49, "a"),
        ({}, 0.5, "b"),
        ({"a": 1, "b": 3}, 0.24, "a"),
        ({"a": 1, "b": 3}, 0.25, "b"),
        ({"b": 1}, 0.0, "b"),
        ({"a": 1}, 0.9999999999999999, "a"),
    ],
)
def test_shoppers_are_parted_by_the_shares(shares: dict[str, float], chance: float, expected: str) -> None:
    assert name(facts(page=page(shares=shares), chance=lambda salt: chance)) == expected


def test_the_chance_is_the_rules_own() -> None:
    salts: list[str] = []

    def chance(salt: str) -> float:
        salts.append(salt)
        return 0.0

    chosen(facts(page=page(), page_rule="look", chance=chance), Context())
    assert salts == ["page look"]


def test_a_variant_leaves_to_the_page_what_it_does_not_say() -> None:
    both = page(facets={"fields": ["brand"]})
    _, built = chosen(facts(page=both), Context())
    assert built is not None and built.sections and built.facets == both.facets
