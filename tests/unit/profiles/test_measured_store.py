"""Figures of a store."""

import pytest
from prometheus_client import CollectorRegistry

from sidecar.profiles.measured_store import MeasuredStore
from sidecar.profiles.memory_store import MemoryStore
from sidecar.profiles.store import StoreUnavailable, Write


class Away(MemoryStore):
    async def get(self, keys):
        raise StoreUnavailable("away")


async def test_calls_outcomes_and_conflicts_are_counted() -> None:
    registry = CollectorRegistry()
    store = MeasuredStore(Away(), registry)

    def count(call: str, outcome: str) -> float | None:
        return registry.get_sample_value("reshelf_store_seconds_count", {"call": call, "outcome": outcome})

    assert await store.put([Write(b"k", b"1", 0, 60), Write(b"k", b"2", 0, 60)]) == [True, False]
    await store.delete([b"k"])
    with pytest.raises(StoreUnavailable):
        await store.get([b"k"])
    await store.close()
    assert (count("put", "answered"), count("delete", "answered"), count("get", "unavailable")) == (1, 1, 1)
    assert registry.get_sample_value("reshelf_store_conflicts_total") == 1
