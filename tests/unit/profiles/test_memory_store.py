"""Memory is bounded."""

from sidecar.profiles.memory_store import OVERHEAD_BYTES, MemoryStore
from sidecar.profiles.store import Write


async def test_what_was_written_longest_ago_goes() -> None:
    store = MemoryStore(max_bytes=2 * (OVERHEAD_BYTES + 2))
    for key in (b"a", b"b"):
        await store.put([Write(key, b"1", 0, 60)])
    (first,) = await store.get([b"a"])
    assert first is not None
    await store.put([Write(b"a", b"2", first.version, 60)])
    await store.put([Write(b"c", b"3", 0, 60)])
    assert [bool(found) for found in await store.get([b"a", b"b", b"c"])] == [True, False, True]
    await store.close()
    assert await store.get([b"a"]) == [None]
