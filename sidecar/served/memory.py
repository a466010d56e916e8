"""The served log in memory: for tests, demonstrations, and shops that do not train on it."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence

from sidecar.served.codec import UnreadableList
from sidecar.served.log import Outcome, ServedRow
from sidecar.served.packed import PackedList, joined


class MemoryServedLog:
    """Lists by query, the oldest going first when `max_bytes` are full; gone with the process."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lists: OrderedDict[bytes, PackedList] = OrderedDict()
        self._outcomes: dict[bytes, dict[bytes, Outcome]] = {}
        self._forgotten: dict[bytes, float] = {}

    async def add(self, lists: Sequence[PackedList]) -> None:
        for new in lists:
            if self._is_forgotten(new.shopper, new.time):
                continue
            older = self._lists.pop(new.query, None)
            if older is not None:
                self._bytes -= older.bytes
            kept = joined(older, new)
            self._lists[new.query] = kept
            self._bytes += kept.bytes
        while self._bytes > self._max_bytes and self._lists:
            self._remove(next(iter(self._lists)))

    async def get(self, queries: Sequence[bytes]) -> list[PackedList | None]:
        return [self._lists.get(query) for query in queries]

    async def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        for new in outcomes:
            forgotten = self._is_forgotten(new.client, new.time) or self._is_forgotten(new.user, new.time)
            if new.query in self._lists and not forgotten:
                self._outcomes.setdefault(new.query, {}).setdefault(new.digest, new)

    async def outcomes(self, queries: Sequence[bytes]) -> list[list[Outcome]]:
        return [
            sorted(self._outcomes.get(query, {}).values(), key=lambda outcome: outcome.time)
            for query in queries
        ]

    async def rows(self, since: float, until: float) -> AsyncIterator[ServedRow]:
        within = [kept for kept in self._lists.values() if since <= kept.time < until]
        for kept in sorted(within, key=lambda kept: kept.time):
            try:
                served = kept.opened()
            except UnreadableList:
                continue
            (outcomes,) = await self.outcomes([kept.query])
            yield ServedRow(served, outcomes)

    async def count(self, since: float, until: float) -> int:
        return sum(since <= kept.time < until for kept in self._lists.values())

    async def forget(self, shoppers: Sequence[bytes], now: float) -> int:
        wanted = {shopper for shopper in shoppers if shopper}
        for shopper in wanted:
            self._forgotten[shopper] = max(now, self._forgotten.get(shopper, 0.0))
        gone = [query for query, kept in self._lists.items() if kept.shopper in wanted]
        removed = len(gone) + sum(len(self._outcomes.get(query, ())) for query in gone)
        for query in gone:
            self._remove(query)
        for query, by_digest in list(self._outcomes.items()):
            kept = {
                digest: outcome
                for digest, outcome in by_digest.items()
                if wanted.isdisjoint((outcome.client, outcome.user))
            }
            removed += len(by_digest) - len(kept)
            self._outcomes[query] = kept
        return removed

    async def expire(self, before: float) -> int:
        gone = [query for query, kept in self._lists.items() if kept.time < before]
        for query in gone:
            self._remove(query)
        self._forgotten = {shopper: at for shopper, at in self._forgotten.items() if at >= before}
        return len(gone)

    async def close(self) -> None:
        self._lists.clear()
        self._outcomes.clear()

    def _is_forgotten(self, shopper: bytes, time: float) -> bool:
        return bool(shopper) and time <= self._forgotten.get(shopper, float("-inf"))

    def _remove(self, query: bytes) -> None:
        self._bytes -= self._lists.pop(query).bytes
        self._outcomes.pop(query, None)
