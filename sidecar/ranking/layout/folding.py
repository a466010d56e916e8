"""How names and words of rules and of searches are made comparable."""

from functools import lru_cache

from sidecar.text.folding import words

Tokens = tuple[str, ...]


@lru_cache(maxsize=16_384)
def name(text: str) -> str:
    """A name (of a brand, a category) as names are compared."""
    return " ".join(words(text)) or text.casefold().strip()


def word(text: str) -> str:
    """A word of a vocabulary of its own (a segment, a device, an arm) as such words are compared."""
    return text.strip().casefold()


def locale(text: str) -> str:
    """`en_GB` and `en-gb` are one."""
    return text.strip().replace("_", "-").casefold()
