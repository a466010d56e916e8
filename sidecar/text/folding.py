"""Whole texts as they are compared: a brand with a brand, a value with the one that a rule names."""

import re
from functools import lru_cache

from sidecar.text.tokens import CJK, normalised, tokens

MOST_CHARACTERS = 4000
"""Of a text that are looked at; what rules ask about stands at the beginning."""

SIGN = re.compile(f"[{CJK}]")

KEPT = 65_536
"""Texts whose folding is remembered: the hits of one search are the hits of the next."""


@lru_cache(maxsize=KEPT)
def folded(text: str) -> str:
    """Case, accents and the number of spaces do not count: ` Étam  Café ` → etam cafe."""
    return " ".join(normalised(text[:MOST_CHARACTERS]).casefold().split())


@lru_cache(maxsize=KEPT)
def words(text: str) -> tuple[str, ...]:
    """The tokens: case, accents and plurals do not count; Chinese and the like by pairs of signs."""
    return tuple(tokens(text[:MOST_CHARACTERS]))


@lru_cache(maxsize=KEPT)
def lone_sign(text: str) -> str:
    """The sign of a text that is a single Chinese, Japanese or Korean one, which a query's pairs of signs
    hide; "" for any other text."""
    text = normalised(text[:MOST_CHARACTERS].strip())
    return text if len(text) == 1 and SIGN.match(text) else ""


@lru_cache(maxsize=KEPT)
def name(text: str) -> str:
    """A name (of a brand, a category) as names are compared: by its words, or as it is where it has none."""
    return " ".join(words(text)) or text.casefold().strip()


@lru_cache(maxsize=KEPT)
def value(text: str) -> str:
    """A field's value as a search is restricted to it: as a name, but -5 is not 5."""
    plain = name(text)
    return f"-{plain}" if plain[:1].isdigit() and text.lstrip().startswith("-") else plain


@lru_cache(maxsize=KEPT)
def spaced(text: str) -> str:
    """The tokens with a space around each: what stands side by side is one part of a text."""
    return f" {' '.join(words(text))} "
