"""One taste a paginated query: what page 1 was ordered by, its further pages are as well."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sidecar.domain.search import Search
from sidecar.ranking.personalization.shared import Columns
from sidecar.taste.state import Taste

SECONDS = 300.0
MOST = 4_000
"""A profile takes some 6 KB of memory: 24 MiB, or three times that while the online blend counts."""


@dataclass(slots=True)
class Pinned:
    """What a search was ordered by: the taste (None: nothing was known), as of `now`, in seconds since 1970.

    `columns` are the figures of all shoppers together, which change as well.
    """

    taste: Taste | None
    now: float
    columns: Columns | None = None


class Pins:
    """Remembers for some minutes what searches were ordered by, for their further pages."""

    def __init__(
        self, seconds: float = SECONDS, most: int = MOST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._pinned: OrderedDict[tuple[bytes, bytes], tuple[float, Pinned]] = OrderedDict()

    def find(self, search: Search, query: bytes, shopper: bytes) -> Pinned | None:
        """What the search's earlier page was ordered by. A first page is always ordered anew."""
        if not query or (search.page.size and not search.page.start):
            return None
        found = self._pinned.get((query, shopper))
        return found[1] if found is not None and found[0] > self._clock() else None

    def keep(self, query: bytes, shopper: bytes, pinned: Pinned) -> None:
        """Remembers. `query` b"" (the client gave the search no id): nobody can ask for its next page."""
        if not query:
            return
        self._pinned[query, shopper] = (self._clock() + self._seconds, pinned)
        self._pinned.move_to_end((query, shopper))
        while len(self._pinned) > self._most:
            self._pinned.popitem(last=False)

    def __len__(self) -> int:
        return len(self._pinned)
