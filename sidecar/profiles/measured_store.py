"""How long the store takes and how often it fails, for Prometheus."""

import time
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram

from sidecar.profiles.store import RecordStore, Stored, StoreUnavailable, Write

BUCKETS = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 5.0)

Answer = TypeVar("Answer")


class MeasuredStore:
    """Another store, with figures of every call; failures are timed as well."""

    def __init__(self, store: RecordStore, registry: CollectorRegistry) -> None:
        self._store = store
        self._seconds = Histogram(
            "reshelf_store_seconds",
            "Wall time of calls to the store of records, by call and outcome.",
            ["call", "outcome"],
            buckets=BUCKETS,
            registry=registry,
        )
        self._conflicts = Counter(
            "reshelf_store_conflicts",
            "Writes that were refused because somebody else had written; they are made again.",
            registry=registry,
        )

    async def get(self, keys: Sequence[bytes]) -> list[Stored | None]:
        return await self._timed("get", self._store.get(keys))

    async def put(self, writes: Sequence[Write]) -> list[bool]:
        done = await self._timed("put", self._store.put(writes))
        self._conflicts.inc(done.count(False))
        return done

    async def delete(self, keys: Sequence[bytes]) -> None:
        await self._timed("delete", self._store.delete(keys))

    async def close(self) -> None:
        await self._store.close()

    async def _timed(self, call: str, work: Awaitable[Answer]) -> Answer:
        began, outcome = time.perf_counter(), "failed"
        try:
            answer = await work
            outcome = "answered"
            return answer
        except StoreUnavailable:
            outcome = "unavailable"
            raise
        finally:
            self._seconds.labels(call, outcome).observe(time.perf_counter() - began)
