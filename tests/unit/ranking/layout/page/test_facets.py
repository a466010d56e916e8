"""Facets stand in the order in which they help."""

import pytest

from sidecar.domain.candidate import Candidate
from sidecar.domain.understanding import Entity, EntityKind, Intent, Understanding
from sidecar.ranking.layout.page.facets import first_facets
from sidecar.rules.language.telling import Facets
from tests.unit.ranking.layout.page.facts import facts, hit, profile

BRANDS = ["Acme", "Acme", "Bolt", "Bolt", "Core", "Core", "Dyne", "Dyne"]


def hits() -> list[Candidate]:
    """Brands split the eight hits best, colours a little, every name is another, and all have one shop."""
    return [
        hit(
            place + 1,
            brand=brand,
            color="red" if place else "blue",
            name=f"n{place}",
            shop="ours",
            price=9.5 * 2**place,
        )
        for place, brand in enumerate(BRANDS)
    ]


def understood(kind: EntityKind, *, negated: bool = False) -> Understanding:
    entity = Entity(kind, "Acme", "acme", (0, 1), negated=negated)
    return Understanding("acme", ["acme"], ["acme"], [entity], [], [], frozenset(), Intent.BRAND, 1.0, 0.5)


def order(
    likes: dict[int, float] | None = None, read: Understanding | None = None, **options: object
) -> list[str]:
    wanted = Facets.model_validate({"fields": ["shop", "name", "color", "brand"], **options})
    return [one["field"] for one in first_facets(wanted, facts(*hits(), likes=likes or {}), read, profile())]


def test_what_splits_the_hits_comes_first_and_what_splits_nothing_is_left_out() -> None:
    assert order() == ["brand", "color"]


def test_the_rule_puts_first_what_it_likes() -> None:
    assert order(first=["shop", "color"]) == ["shop", "color", "brand"]
    assert order(first=["shop"], show=2) == ["shop", "brand"]


def test_what_the_query_names_comes_last() -> None:
    assert order(read=understood(EntityKind.BRAND)) == ["color", "brand"]
    assert order(read=understood(EntityKind.BRAND, negated=True)) == ["brand", "color"]


def test_taste_raises_the_facet_that_it_goes_by() -> None:
    even = [
        hit(place, brand=BRANDS[place - 1], size="S" if place % 2 else "L", color="rb"[place > 4])
        for place in range(1, 9)
    ]
    wanted = Facets(fields=["size", "color"])
    by_color = {place: 0.5 if place > 4 else 0.0 for place in range(1, 9)}
    by_size = {place: 0.5 if place % 2 else 0.0 for place in range(1, 9)}
    for likes, first in ((by_color, "color"), (by_size, "size")):
        told = first_facets(wanted, facts(*even, likes=likes), None, profile())
        assert told[0] == {"field": first, "why": "taste"}
        assert told[1]["why"] == "splits the hits"


def test_numbers_count_by_bands() -> None:
    told = first_facets(Facets(fields=["price", "color"]), facts(*hits()), None, profile())
    assert [one["field"] for one in told] == ["price", "color"]


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_hits_have_nothing_to_split(count: int) -> None:
    assert first_facets(Facets(fields=["brand", "price"]), facts(*hits()[:count]), None, profile()) == []
