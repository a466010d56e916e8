"""Keys of engagement records: of the shop, an item, a trait, and an item for a query."""

import hashlib

from sidecar.profiles.keyspace import ENGAGEMENT
from sidecar.profiles.marks import Kind, RecordType

SCHEMA = 1
SHOP = ENGAGEMENT + b"g"

TEXT_KEY = "query_key"
"""Under this name a served list's `versions` hold the key of its query's words, where figures of queries are
wanted: 16 hexadecimal digits of an HMAC, never the words."""


def record_type(keep_days: float) -> RecordType:
    """Of engagement records."""
    return RecordType(Kind.ENGAGEMENT, SCHEMA, keep_days * 86_400)


def item_key(object_id: str) -> bytes:
    """Of an item; ids of any length give keys of one."""
    return ENGAGEMENT + b"i" + _digest(object_id.encode("utf-8", "surrogatepass"))


def trait_key(trait: int) -> bytes:
    """Of a brand, a category, …: the hash of (attribute, value) that profiles use."""
    return ENGAGEMENT + b"t" + trait.to_bytes(4, "little")


def pair_key(text_key: str, object_id: str) -> bytes:
    """Of an item among the answers to one query."""
    both = text_key.encode() + b"\0" + object_id.encode("utf-8", "surrogatepass")
    return ENGAGEMENT + b"p" + _digest(both)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=12).digest()
