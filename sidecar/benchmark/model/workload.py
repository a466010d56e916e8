"""What every arm is asked: requests of one query and k texts, by scenario."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

SHORT_TOKENS, LONG_TOKENS = 96, 512
"""Most tokens of a pair where texts are titles, and where they are descriptions."""
OUTLIER_WORDS = 500


@dataclass(frozen=True, slots=True)
class Request:
    """One query and its n texts."""

    query: str
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`make` answers k texts of drawn products."""

    name: str
    k: int
    max_length: int
    make: Callable[["Catalogue", int, Random], list[str]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of a shop: what a search sends of each product, and all that is written about it."""

    titles: Sequence[str]
    descriptions: Sequence[str]

    @classmethod
    def of(cls, products: Sequence[Mapping[str, Any]]) -> "Catalogue":
        """Titles as the default profile writes them (title | brand | color)."""
        titles = [_joined(product, ("title", "brand", "color")) for product in products]
        long = [_joined(product, ("title", "description", "bullet_points")) for product in products]
        return cls(titles, long)


def scenarios(sizes: Sequence[int]) -> dict[str, Scenario]:
    """All scenarios by name; the long ones with the middle one of `sizes`."""
    middle = sorted(sizes)[len(sizes) // 2]
    found = [Scenario(f"titles-{k}", k, SHORT_TOKENS, _titles) for k in sizes]
    found.append(Scenario(f"outlier-{middle}", middle, LONG_TOKENS, _outlier))
    found.append(Scenario(f"long-{middle}", middle, LONG_TOKENS, _long))
    return {scenario.name: scenario for scenario in found}


def requests(
    scenario: Scenario, catalogue: Catalogue, queries: Sequence[str], count: int, seed: int = 0
) -> list[Request]:
    """`count` requests, the same for the same seed; no text twice within a request where there are enough."""
    random = Random(f"{scenario.name} {seed}")  # noqa: S311 - repeatable on purpose
    wanted = random.sample(queries, min(count, len(queries)))
    return [
        Request(wanted[number % len(wanted)], scenario.make(catalogue, scenario.k, random))
        for number in range(count)
    ]


def _titles(catalogue: Catalogue, k: int, random: Random) -> list[str]:
    return _drawn(catalogue.titles, k, random)


def _long(catalogue: Catalogue, k: int, random: Random) -> list[str]:
    return _drawn(catalogue.descriptions, k, random)


def _outlier(catalogue: Catalogue, k: int, random: Random) -> list[str]:
    """Titles, and among them one text that fills all tokens: what padding to the longest costs."""
    texts = _drawn(catalogue.titles, k, random)
    words = " ".join(_drawn(catalogue.descriptions, 40, random)).split()
    texts[random.randrange(k)] = " ".join(words[:OUTLIER_WORDS])
    return texts


def _drawn(texts: Sequence[str], k: int, random: Random) -> list[str]:
    if k <= len(texts):
        return random.sample(texts, k)
    return [texts[random.randrange(len(texts))] for _ in range(k)]


def _joined(product: Mapping[str, Any], fields: Sequence[str]) -> str:
    parts = []
    for name in fields:
        value = product.get(name)
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")
        if text.strip():
            parts.append(text)
    return " | ".join(parts)
