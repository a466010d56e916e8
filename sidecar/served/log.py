"""The contract of a log of what was served (tests/contract/test_served_logs.py)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sidecar.domain.event import EventKind
from sidecar.served.packed import PackedList
from sidecar.taste.served_list import ServedList

SECONDS_A_DAY = 86_400


class ServedLogUnavailable(Exception):
    """The log did not answer, or not in time. Says which one and what to look at, never a key."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a shopper did with one hit of a served list.

    `digest` (16 bytes) names the event, so that telling it again changes nothing. `place` is the hit's index
    in the list's order, `position` the place as the shopper saw it, from 1 (0: not told). `client` and `user`
    are the event's keys, b"" where nobody may be remembered. `dwell` is in seconds.
    """

    query: bytes
    digest: bytes
    client: bytes
    user: bytes
    kind: EventKind
    time: float
    object_id: str
    place: int
    position: int = 0
    dwell: float = 0.0


@dataclass(frozen=True, slots=True)
class ServedRow:
    """A list with its outcomes, by time: what training rows are made of."""

    served: ServedList
    outcomes: Sequence[Outcome]


class ServedLog(Protocol):
    """Served lists by the key of their query, with their outcomes. All methods raise ServedLogUnavailable.

    A query that is served again (its next page) is one list: `packed.joined` says which. Safe for use by
    several tasks, and by several processes at once where the kind of log can be reached by several.
    """

    async def add(self, lists: Sequence[PackedList]) -> None:
        """Keeps lists. What a forgotten shopper was served before `forget` stays out."""
        ...

    async def get(self, queries: Sequence[bytes]) -> list[PackedList | None]:
        """Each query's list, or None; what `add` has kept is found at once."""
        ...

    async def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        """Keeps outcomes, each digest once; those of a shopper forgotten since are left out."""
        ...

    async def outcomes(self, queries: Sequence[bytes]) -> list[list[Outcome]]:
        """Each query's outcomes, by time."""
        ...

    def rows(self, since: float, until: float) -> AsyncIterator[ServedRow]:
        """What was served in [since, until), seconds since 1970, with its outcomes, oldest first.

        Lists that cannot be read (another version) are passed over.
        """
        ...

    async def count(self, since: float, until: float) -> int:
        """How many lists `rows` goes over."""
        ...

    async def forget(self, shoppers: Sequence[bytes], now: float) -> int:
        """Removes lists and outcomes of a shopper's keys; how many. Later `add`s of what was served to them
        before `now` are left out as well."""
        ...

    async def expire(self, before: float) -> int:
        """Removes what was served before a time (a log by days: whole days); how many lists."""
        ...

    async def close(self) -> None:
        """Gives back connections and files."""
        ...
