"""Names of preferences: a number for each (attribute, value), so that a profile stays small."""

from functools import lru_cache
from hashlib import blake2b

NONE = 0
"""The key of no value; no (attribute, value) has it."""


@lru_cache(maxsize=65_536)
def attribute_key(attribute: str, value: str) -> int:
    """A uint32 above 0 for a value as it is written in documents; case and spacing do not count.

    Two of a shop's values share one with a chance of 1 in 2^32: their preferences would be mixed, no more.
    """
    return _key(attribute, " ".join(value.split()).casefold())


@lru_cache(maxsize=1024)
def slope_key(slope: str) -> int:
    """A uint32 above 0 for a number of which shoppers want more or less."""
    return _key(slope, "\0slope")


@lru_cache(maxsize=1024)
def kind_key(name: str) -> int:
    """A uint32 above 0 for an attribute or slope as a whole."""
    return _key(name, "\0kind")


def _key(name: str, value: str) -> int:
    digest = blake2b(f"{name}\0{value}".encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "little") or 1
