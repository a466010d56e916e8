"""What every record store does, on real engines: memory, SQLite, Redis (alone, cluster, Sentinel)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from sidecar.config.store import RedisStoreSettings
from sidecar.profiles.memory_store import MemoryStore
from sidecar.profiles.redis_client import connect
from sidecar.profiles.redis_store import RedisStore
from sidecar.profiles.sqlite_store import SqliteStore
from sidecar.profiles.store import RecordStore, StoreUnavailable, Write
from sidecar.stack.redis_server import RedisServer
from tests.fixtures.redis_servers import SERVICE, redis_cluster, redis_sentinels

HOUR = 3600.0
PATIENCE_MS = 5000.0
"""For a machine that runs all tests at once: how late an answer may be is another test's matter."""
ENGINES = ["memory", "sqlite", "sqlite-uncached", "redis", "redis-cluster", "redis-sentinel"]


@contextmanager
def redis_settings(engine: str, folder: Path) -> Iterator[RedisStoreSettings]:
    if engine == "redis":
        with RedisServer(folder) as server:
            yield RedisStoreSettings(addresses=[server.address], answer_ms=PATIENCE_MS)
    elif engine == "redis-cluster":
        with redis_cluster(folder) as servers:
            yield RedisStoreSettings(
                mode="cluster", addresses=[server.address for server in servers], answer_ms=PATIENCE_MS
            )
    else:
        with redis_sentinels(folder) as all_servers:
            addresses = [server.address for server in all_servers.sentinels]
            yield RedisStoreSettings(
                mode="sentinel", addresses=addresses, sentinel_service=SERVICE, answer_ms=PATIENCE_MS
            )


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """The engine's name, or the settings that lead to its servers."""
    name = request.param
    if not name.startswith("redis"):
        yield name
        return
    with redis_settings(name, tmp_path_factory.mktemp(name)) as settings:
        yield settings


@pytest.fixture
async def store(engine: object, tmp_path: Path) -> AsyncIterator[RecordStore]:
    opened = open_engine(engine, tmp_path)
    yield opened
    await opened.close()


def open_engine(engine: object, folder: Path) -> RecordStore:
    if isinstance(engine, RedisStoreSettings):
        return RedisStore(connect(engine), prefix=folder.name.encode() + b":", connections=engine.connections)
    if engine == "memory":
        return MemoryStore()
    return SqliteStore(folder / "records.db", cache_bytes=0 if engine == "sqlite-uncached" else 2**20)


async def test_what_was_put_is_got(store: RecordStore) -> None:
    everything = bytes(range(256))
    assert await store.put([Write(everything, everything * 8, 0, HOUR), Write(b"b", b"", 0, HOUR)]) == [
        True,
        True,
    ]
    first, nothing, second = await store.get([everything, b"absent", b"b"])
    assert first is not None and first.value == everything * 8 and first.version > 0
    assert nothing is None
    assert second is not None and second.value == b""


async def test_no_keys_is_no_work(store: RecordStore) -> None:
    assert await store.get([]) == []
    assert await store.put([]) == []
    await store.delete([])


async def test_a_key_asked_twice_is_answered_twice(store: RecordStore) -> None:
    await store.put([Write(b"k", b"1", 0, HOUR)])
    first, second = await store.get([b"k", b"k"])
    assert first == second and first is not None


async def test_a_write_against_an_older_version_is_refused(store: RecordStore) -> None:
    await store.put([Write(b"k", b"1", 0, HOUR)])
    (before,) = await store.get([b"k"])
    assert before is not None
    assert await store.put([Write(b"k", b"2", before.version, HOUR)]) == [True]
    assert await store.put([Write(b"k", b"3", before.version, HOUR)]) == [False]
    assert await store.put([Write(b"k", b"4", 0, HOUR)]) == [False]
    (after,) = await store.get([b"k"])
    assert after is not None and after.value == b"2"


async def test_a_write_against_a_record_that_is_gone_is_refused(store: RecordStore) -> None:
    await store.put([Write(b"k", b"1", 0, HOUR)])
    (before,) = await store.get([b"k"])
    assert before is not None
    await store.delete([b"k", b"absent"])
    assert await store.put([Write(b"k", b"2", before.version, HOUR)]) == [False]
    assert await store.get([b"k"]) == [None]


async def test_a_record_made_anew_has_no_version_of_the_old_one(store: RecordStore) -> None:
    await store.put([Write(b"k", b"same", 0, HOUR)])
    (before,) = await store.get([b"k"])
    await store.delete([b"k"])
    await store.put([Write(b"k", b"same", 0, HOUR)])
    assert before is not None
    assert await store.put([Write(b"k", b"2", before.version, HOUR)]) == [False]


async def test_each_write_of_a_batch_stands_for_itself(store: RecordStore) -> None:
    await store.put([Write(b"taken", b"1", 0, HOUR)])
    writes = [Write(b"a", b"1", 0, HOUR), Write(b"taken", b"2", 0, HOUR), Write(b"c", b"3", 0, HOUR)]
    assert await store.put(writes) == [True, False, True]
    assert [found.value for found in await store.get([b"a", b"taken", b"c"]) if found] == [b"1", b"1", b"3"]


async def test_a_record_is_gone_after_its_ttl(store: RecordStore) -> None:
    await store.put([Write(b"short", b"1", 0, 1.0), Write(b"long", b"1", 0, HOUR)])
    short, long = await store.get([b"short", b"long"])
    assert short is not None and long is not None
    await asyncio.sleep(1.1)
    assert (await store.get([b"short", b"long"]))[0] is None
    assert await store.put([Write(b"short", b"2", short.version, HOUR)]) == [False]
    assert await store.put([Write(b"short", b"2", 0, HOUR)]) == [True]
    (again,) = await store.get([b"short"])
    assert again is not None and again.value == b"2"


async def test_many_records_at_once(store: RecordStore) -> None:
    keys = [b"%d" % number for number in range(1300)]
    assert await store.put([Write(key, key * 3, 0, HOUR) for key in keys]) == [True] * len(keys)
    assert [found.value for found in await store.get(keys) if found] == [key * 3 for key in keys]
    await store.delete(keys)
    assert await store.get(keys) == [None] * len(keys)


async def test_no_concurrent_update_is_lost(store: RecordStore) -> None:
    async def write(name: bytes) -> None:
        while True:
            # On a busy machine Redis may not answer in time.
            with suppress(StoreUnavailable):
                (found,) = await store.get([b"names"])
                names = found.value.split() if found else []
                if name in names:  # written, and the answer was lost, see RecordStore.put
                    break
                written = Write(b"names", b" ".join([*names, name]), found.version if found else 0, HOUR)
                if await store.put([written]) == [True]:
                    break

    async def write_ten(writer: int) -> None:
        for at in range(10):
            await write(b"%d-%d" % (writer, at))

    await asyncio.gather(*(write_ten(writer) for writer in range(6)))
    (found,) = await store.get([b"names"])
    assert found is not None
    assert sorted(found.value.split()) == sorted(b"%d-%d" % (at // 10, at % 10) for at in range(60))


async def test_a_second_client_sees_what_the_first_wrote(engine: object, tmp_path: Path) -> None:
    if engine == "memory":
        pytest.skip("memory belongs to one process")
    one, other = open_engine(engine, tmp_path), open_engine(engine, tmp_path)
    await one.put([Write(b"k", b"1", 0, HOUR)])
    (seen,) = await other.get([b"k"])
    assert seen is not None and seen.value == b"1"
    assert (await one.get([b"k", b"unknown"]))[1] is None
    assert (
        await other.put([Write(b"k", b"2", seen.version, HOUR), Write(b"unknown", b"3", 0, HOUR)])
        == [True] * 2
    )
    await asyncio.sleep(0.1)  # SQLite looks for others' writes every 50 ms
    assert [found.value for found in await one.get([b"k", b"unknown"]) if found] == [b"2", b"3"]
    await other.delete([b"k"])
    await asyncio.sleep(0.1)
    assert await one.get([b"k"]) == [None]
    await one.close()
    await other.close()
