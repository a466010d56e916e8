"""A thousand rules as a shop would have them, of which a part holds for every search of a bed."""

from collections.abc import Sequence
from typing import Any

from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet

RULES, MATCHING = 1000, 50
LOCALE = "en-GB"


def many_rules(
    brands: Sequence[str], ids: Sequence[str], *, rules: int = RULES, matching: int = MATCHING
) -> RuleSet:
    """`matching` rules hold for searches of the locale en-GB, by kinds in turn; the others for queries that
    nobody asks. `brands` and `ids` are values that the hits have."""
    made = [
        Rule.model_validate(
            {"id": f"holds-{number}", "priority": number % 7, "when": {"locale": ["en"]}}
            | {"then": [_action(number, brands, ids)]}
        )
        for number in range(matching)
    ]
    made += [
        Rule.model_validate(
            {"id": f"waits-{number}", "when": _elsewhere(number), "then": [_action(number, brands, ids)]}
        )
        for number in range(rules - matching)
    ]
    return RuleSet.of(made)


def _elsewhere(number: int) -> dict[str, Any]:
    kind = number % 4
    if kind == 0:
        return {"query": {"exact": [f"nobody asks {number}"]}}
    if kind == 1:
        return {"query": {"contains": [f"unheardof{number}"]}}
    if kind == 2:
        return {"query": {"starts_with": [f"unheardof{number} of"]}, "locale": ["en"]}
    return {"segment": [f"segment-{number}"], "locale": ["de"]}


def _action(number: int, brands: Sequence[str], ids: Sequence[str]) -> dict[str, Any]:
    """Most rules of a shop boost, bury and pin; a few change the page as a whole."""
    brand, document = brands[number % len(brands)], ids[number % len(ids)]
    expression = f"brand == {_quoted(brand)} and rating >= {3 + number % 3 * 0.5}"
    kinds: list[dict[str, Any]] = [
        {"boost": {"weight": 1.2 + number % 5 / 10, "filter": expression}},
        {"bury": {"weight": 1.5, "filter": f"title contains {_quoted(brand)}"}},
        {
            "boost": {
                "weight": 1.3,
                "range": {"value": "rating * log(1 + rating_count)", "low": 0, "high": 40},
            }
        },
        {"pin": {"id": document, "position": 1 + number % 10}},
        {"hide": {"ids": [f"withdrawn-{number}"]}},
        {"boost": {"weight": 1.2, "rating": {}}},
        {"bury": {"weight": 2, "filter": "rating < 3 or not exists(image)"}},
        {"metadata": {f"banner-{number}": "Sale"}},
    ]
    if number == 8:
        return {"diversify": {"mmr": {}, "max_per_field": {"brand": 4}}}
    if number == 9:
        return {"demote_unavailable": {}}
    return kinds[number % len(kinds)]


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "").replace("'", "") + "'"
