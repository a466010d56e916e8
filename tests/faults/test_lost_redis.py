"""Redis that is gone, hangs, refuses or fails over: said at once, without keys, and mended by itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sidecar.config.store import RedisStoreSettings, StoreTls
from sidecar.domain.deadline import Deadline
from sidecar.profiles.redis_client import connect
from sidecar.profiles.redis_store import RedisStore
from sidecar.profiles.store import StoreUnavailable, Write
from sidecar.profiles.timely import TimelyReads
from sidecar.stack.ports import LOOPBACK, free_port
from sidecar.stack.redis_server import RedisServer
from tests.fixtures.certificates import Authority
from tests.fixtures.losing_proxy import losing_proxy
from tests.fixtures.redis_servers import SERVICE, Sentinels, redis_cluster, redis_sentinels

HOUR = 3600.0
ANSWER_MS = 300
KEY, VALUE = b"key-of-a-shopper", b"what-they-like"


def open_redis(settings: RedisStoreSettings) -> RedisStore:
    return RedisStore(connect(settings), connections=settings.connections)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path, ["--appendonly", "yes"]) as running:
        yield running


@pytest.fixture
async def store(server: RedisServer) -> AsyncIterator[RedisStore]:
    opened = open_redis(RedisStoreSettings(addresses=[server.address], answer_ms=ANSWER_MS))
    yield opened
    await opened.close()


def assert_says_nothing(told: str) -> None:
    assert KEY.decode() not in told and VALUE.decode() not in told


async def test_a_write_whose_answer_was_lost_is_told_as_written(server: RedisServer) -> None:
    """Sent again on a new connection, it finds itself there; "changed by others" would be wrong."""
    async with losing_proxy(server.port) as proxy:
        store = open_redis(RedisStoreSettings(addresses=[f"{LOOPBACK}:{proxy.port}"], answer_ms=2000))
        assert await store.put([Write(KEY, b"before", 0, HOUR)]) == [
            True
        ]  # the script is known, the way open
        (before,) = await store.get([KEY])
        assert before is not None
        proxy.lose_next()
        assert await store.put([Write(KEY, VALUE, before.version, HOUR)]) == [True]
        assert proxy.lost == 1
        (after,) = await store.get([KEY])
        assert after is not None and after.value == VALUE and after.version != before.version
        await store.close()


async def test_gone_and_back(server: RedisServer, store: RedisStore) -> None:
    await store.put([Write(KEY, VALUE, 0, HOUR)])
    server.kill()
    began = time.monotonic()
    for call in (store.get([KEY]), store.put([Write(KEY, VALUE, 0, HOUR)]), store.delete([KEY])):
        with pytest.raises(StoreUnavailable, match=r"store\.redis") as refused:
            await call
        assert_says_nothing(str(refused.value))
    assert time.monotonic() - began < 3 * ANSWER_MS / 1000, "none waited for its time-out"
    server.start()
    (found,) = await store.get([KEY])
    assert found is not None and found.value == VALUE


async def test_a_connection_lost_while_it_is_set_up(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """redis-py then trips over itself; for callers it is Redis that did not answer."""

    async def send(*_: object, **__: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'writelines'")

    monkeypatch.setattr("redis.asyncio.connection.Connection.send_packed_command", send)
    with pytest.raises(StoreUnavailable, match="did not answer"):
        await store.get([KEY])


async def test_hanging_and_back(server: RedisServer, store: RedisStore) -> None:
    await store.put([Write(KEY, VALUE, 0, HOUR)])
    server.pause()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await store.get([KEY])
    assert time.monotonic() - began < 1
    server.resume()
    (found,) = await store.get([KEY])
    assert found is not None and found.value == VALUE


async def test_searches_do_not_wait_for_one_that_hangs(server: RedisServer, store: RedisStore) -> None:
    await store.get([KEY])
    reads = TimelyReads(store)
    server.pause()
    waited = 0
    for _ in range(200):
        with pytest.raises(StoreUnavailable) as refused:
            await reads.get([KEY], Deadline.after(0.003))
        waited += "left alone" not in str(refused.value)
    assert waited <= 100, "the others were told at once"
    server.resume()
    await worked_again(reads)


async def worked_again(reads: TimelyReads) -> None:
    """Returns when a search gets an answer again, which it must within a busy machine's half a minute."""
    until = time.monotonic() + 30
    while True:
        try:
            assert await reads.get([KEY], Deadline.after(1)) == [None]
            return
        except StoreUnavailable:
            assert time.monotonic() < until
            await asyncio.sleep(0.1)


async def test_more_searches_than_connections(server: RedisServer) -> None:
    settings = RedisStoreSettings(addresses=[server.address], answer_ms=5000)
    # That none is turned away is asserted, and not how soon a busy machine has answered all of them.
    store = RedisStore(connect(settings), connections=settings.connections, seconds=10)
    await store.put([Write(KEY, VALUE, 0, HOUR)])
    found = await asyncio.gather(*(store.get([KEY]) for _ in range(300)))
    assert all(answer[0] is not None for answer in found)
    await store.close()


async def test_a_password_and_its_refusals(tmp_path: Path) -> None:
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("correct horse\n")
    wrong.write_text("battery staple\n")
    with RedisServer(tmp_path / "redis", ["--requirepass", "correct horse"]) as server:

        async def ask(file: Path | None) -> object:
            store = open_redis(RedisStoreSettings(addresses=[server.address], password_file=file))
            try:
                return await store.get([KEY])
            finally:
                await store.close()

        assert await ask(right) == [None]
        with pytest.raises(StoreUnavailable, match="password_file") as refused:
            await ask(wrong)
        assert "battery" not in str(refused.value)
        with pytest.raises(StoreUnavailable, match="password_file"):
            await ask(None)


async def test_a_full_memory_says_the_fix(tmp_path: Path) -> None:
    with RedisServer(tmp_path, ["--maxmemory", "2mb", "--maxmemory-policy", "noeviction"]) as server:
        store = open_redis(RedisStoreSettings(addresses=[server.address]))
        with pytest.raises(StoreUnavailable, match="maxmemory") as refused:
            for number in range(10):
                await store.put([Write(KEY + b"%d" % number, VALUE * 20_000, 0, HOUR)])
        assert_says_nothing(str(refused.value))
        await store.close()


async def test_tls_with_certificates_of_both(authority: Authority, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.certificate)
    certificate, key = authority.issue("redis").write(tmp_path, "redis")
    mine, my_key = authority.issue("sidecar").write(tmp_path, "sidecar")
    options = [
        *("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(ca)),
        *("--tls-port", str(tls_port := free_port())),
    ]
    with RedisServer(tmp_path / "redis", options):

        async def ask(tls: StoreTls | None) -> object:
            address = f"127.0.0.1:{tls_port}"
            store = open_redis(RedisStoreSettings(addresses=[address], answer_ms=1000, tls=tls))
            try:
                return await store.get([KEY])
            finally:
                await store.close()

        assert await ask(StoreTls(ca=ca, certificate=mine, key=my_key)) == [None]
        for refused in (StoreTls(ca=ca), StoreTls(certificate=mine, key=my_key), None):
            with pytest.raises(StoreUnavailable):
                await ask(refused)


async def test_a_node_of_a_cluster_dies_and_comes_back(tmp_path: Path) -> None:
    with redis_cluster(tmp_path) as servers:
        addresses = [server.address for server in servers]
        settings = RedisStoreSettings(mode="cluster", addresses=addresses, answer_ms=300)
        store = open_redis(settings)
        keys = [b"%d" % number for number in range(30)]
        await store.put([Write(key, VALUE, 0, HOUR) for key in keys])
        servers[1].kill()
        for _ in range(3):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable) as refused:
                await store.get(keys)
            assert time.monotonic() - began < 10, "some time-outs of 0.3 s, on a busy machine"
            assert_says_nothing(str(refused.value))
        servers[1].start()
        until = time.monotonic() + 30
        while True:
            try:
                found = await store.get(keys)
                assert await store.put([Write(b"new-" + key, VALUE, 0, HOUR) for key in keys]) == [True] * 30
                break
            except StoreUnavailable:
                assert time.monotonic() < until
                await asyncio.sleep(0.2)
        assert sum(one is not None for one in found) < 30  # that node kept nothing on its disk
        await store.close()


@pytest.fixture
def sentinels(tmp_path: Path) -> Iterator[Sentinels]:
    with redis_sentinels(tmp_path) as running:
        yield running


async def test_the_master_dies_and_its_replica_takes_over(sentinels: Sentinels) -> None:
    addresses = [server.address for server in sentinels.sentinels]
    settings = RedisStoreSettings(
        mode="sentinel", addresses=addresses, sentinel_service=SERVICE, answer_ms=300
    )
    store = open_redis(settings)
    await store.put([Write(KEY, VALUE, 0, HOUR)])
    await asyncio.sleep(0.3)  # for the replica to have it
    sentinels.servers[0].kill()
    until = time.monotonic() + 30
    refusals = 0
    while True:
        try:
            (found,) = await store.get([KEY])
            if await store.put([Write(b"after", b"1", 0, HOUR)]) == [True]:
                break
        except StoreUnavailable as error:
            assert_says_nothing(str(error))
            refusals += 1
        assert time.monotonic() < until
        await asyncio.sleep(0.1)
    assert refusals > 0
    assert found is not None and found.value == VALUE
    assert sentinels.master_port() == sentinels.servers[1].port
    await store.close()
