"""Several processes change the same records, replay, and are killed: every change counts once."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from sidecar.stack.redis_server import RedisServer
from tests.fixtures.counting_writer import counted, entries, expected, open_place, write_all

WRITERS = (1, 2, 3)
SEED = 7


@contextmanager
def place_of(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield str(folder / "records.db")
        return
    with RedisServer(folder / "redis") as server:
        yield server.address


@contextmanager
def writers(kind: str, place: str) -> Iterator[list["subprocess.Popen[bytes]"]]:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.fixtures.counting_writer", kind, place, str(writer), str(SEED)]
        )
        for writer in WRITERS
    ]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


def counted_in(kind: str, place: str) -> object:
    async def count() -> object:
        store = open_place(kind, place)
        try:
            return await counted(store)
        finally:
            await store.close()

    return asyncio.run(count())


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_processes_at_once(kind: str, tmp_path: Path) -> None:
    with place_of(kind, tmp_path) as place:
        with writers(kind, place) as started:
            assert [process.wait(timeout=120) for process in started] == [0] * len(started)
        assert counted_in(kind, place) == expected(WRITERS, SEED)


@pytest.mark.parametrize("kind", ["sqlite", "redis"])
def test_processes_that_are_killed_and_begin_again(kind: str, tmp_path: Path) -> None:
    with place_of(kind, tmp_path) as place:
        for pause in (0.8, 1.1):
            with writers(kind, place):
                time.sleep(pause)
        with writers(kind, place) as started:
            assert [process.wait(timeout=120) for process in started] == [0] * len(started)
        assert counted_in(kind, place) == expected(WRITERS, SEED)


def count_through(address: str, disturb: Callable[[], None], times: int) -> None:
    """Counts one writer's changes while `disturb` is called again and again; then replays all of them."""

    async def count() -> None:
        store = open_place("redis", address)
        chance = random.Random(SEED)
        for number in range(times):
            # From the start each time: what the server forgot comes again from the journal.
            counting = asyncio.create_task(write_all(store, entries(number + 1, SEED), chance))
            await asyncio.sleep(0.05)
            await asyncio.to_thread(disturb)
            await counting
        for number in range(times):
            await write_all(store, entries(number + 1, SEED), chance)
        await store.close()

    asyncio.run(count())


@pytest.mark.parametrize("fsync", ["always", "everysec"])
def test_redis_killed_while_it_writes(fsync: str, tmp_path: Path) -> None:
    with RedisServer(tmp_path, ["--appendonly", "yes", "--appendfsync", fsync]) as server:

        def kill() -> None:
            server.kill()
            server.start()

        count_through(server.address, kill, times=3)
        assert counted_in("redis", server.address) == expected([1, 2, 3], SEED)


def test_redis_that_lost_its_last_writes_gets_them_again(tmp_path: Path) -> None:
    options: Sequence[str] = ["--appendonly", "yes", "--aof-load-truncated", "yes"]
    with RedisServer(tmp_path, options) as server:

        def lose_the_end() -> None:
            server.kill()
            for file in (tmp_path / "appendonlydir").glob("*.incr.aof"):
                with file.open("r+b") as log:
                    log.truncate(int(file.stat().st_size * 0.6))
            server.start()

        count_through(server.address, lose_the_end, times=3)
        assert counted_in("redis", server.address) == expected([1, 2, 3], SEED)
