"""The contract of a store of small records, which all stores keep (tests/contract/test_record_stores.py)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class StoreUnavailable(Exception):
    """The store did not answer, or not in time. Says which one and what to look at, never a key."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record's bytes, and the version that a write must name to replace them."""

    value: bytes
    version: int


@dataclass(frozen=True, slots=True)
class Write:
    """One record to be written if nobody wrote it since it was read.

    `expected` is the version that was read, 0 for a record that was not there. `ttl` is in seconds from now;
    the record is gone after it.
    """

    key: bytes
    value: bytes
    expected: int
    ttl: float


class RecordStore(Protocol):
    """Records by key. Safe for use by several tasks, and by several processes at once where the kind of store
    can be reached by several. All methods raise StoreUnavailable."""

    async def get(self, keys: Sequence[bytes]) -> list[Stored | None]:
        """Each key's record, or None; in one round trip."""
        ...

    async def put(self, writes: Sequence[Write]) -> list[bool]:
        """Whether each was written: False where the record has another version by now, and stays as it is.

        What was written is durable, as far as the store is, when this returns. False does not say that it
        never was written: where an answer was lost on its way, somebody else may have written upon it before
        it was sent again. So a record holds what is in it already (`marks`), and a refused writer looks.
        """
        ...

    async def delete(self, keys: Sequence[bytes]) -> None:
        """Removes records, whatever their version."""
        ...

    async def close(self) -> None:
        """Gives back connections and files."""
        ...
