"""What is SQLite's own: its file, its cache, several who open it."""

import asyncio
import sqlite3
import stat
from pathlib import Path

import pytest

from sidecar.profiles import sqlite_file
from sidecar.profiles.sqlite_store import SqliteStore
from sidecar.profiles.store import StoreUnavailable, Write


async def test_the_file_is_its_owners_only_and_durable(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "new" / "records.db")
    await store.put([Write(b"k", b"1", 0, 60)])
    files = [file.name for file in (tmp_path / "new").iterdir()]
    assert sorted(files) == ["records.db", "records.db-shm", "records.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()} == {0o600}
    await store.close()
    with sqlite3.connect(tmp_path / "new" / "records.db") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA page_size").fetchone() == (8192,)


async def test_it_is_there_after_a_restart(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "records.db")
    await first.put([Write(b"k", b"1", 0, 60)])
    await first.close()
    second = SqliteStore(tmp_path / "records.db")
    (found,) = await second.get([b"k"])
    assert found and found.value == b"1"
    await second.close()


async def test_puts_that_wait_share_a_commit(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "records.db")
    await store.put([Write(b"first", b"", 0, 60)])
    await asyncio.gather(*(store.put([Write(b"%d" % number, b"", 0, 60)]) for number in range(200)))
    with sqlite3.connect(tmp_path / "records.db") as database:
        assert database.execute("SELECT n FROM commits").fetchone()[0] <= 4
    await store.close()


async def test_a_caller_that_gives_up_stops_no_other(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "records.db")
    given_up = asyncio.create_task(store.put([Write(b"a", b"1", 0, 60)]))
    other = asyncio.create_task(store.put([Write(b"b", b"1", 0, 60)]))
    await asyncio.sleep(0)
    given_up.cancel()
    assert await other == [True]
    assert [bool(found) for found in await store.get([b"a", b"b"])] == [True, True]
    await store.close()


async def test_what_was_replaced_or_deleted_is_not_left_in_the_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "records.db")
    await store.put([Write(b"%d" % number, b"what they like" * 100, 0, 60) for number in range(20)])
    found = await store.get([b"1", b"2"])
    await store.put([Write(b"1", b"tombstone", found[0].version if found[0] else 0, 60)])
    await store.delete([b"%d" % number for number in range(2, 20)])
    await store.close()
    left = (tmp_path / "records.db").read_bytes()
    assert left.count(b"what they like") == 100  # record 0
    assert not (tmp_path / "records.db-wal").exists()


async def test_what_expired_is_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "SWEEP_SECONDS", 0.0)
    monkeypatch.setattr(sqlite_file, "SWEEP_ROWS", 3)
    store = SqliteStore(tmp_path / "records.db")
    await store.put([Write(b"%d" % number, b"", 0, 0.05) for number in range(5)])
    await asyncio.sleep(0.1)
    for left in (2, 0):
        await store.put([Write(b"long %d" % left, b"", 0, 60)])
        with sqlite3.connect(tmp_path / "records.db") as database:
            short = database.execute("SELECT count(*) FROM records WHERE length(key) = 1").fetchone()
        assert short == (left,)
    await store.close()


async def test_a_damaged_file_says_so_and_a_mended_one_is_used(tmp_path: Path) -> None:
    file = tmp_path / "records.db"
    file.write_bytes(b"this is no database" * 1000)
    store = SqliteStore(file)
    for call in (store.get([b"k"]), store.put([Write(b"k", b"1", 0, 60)])):
        with pytest.raises(StoreUnavailable, match=r"records\.db.*moved away"):
            await call
    file.unlink()
    assert await store.put([Write(b"k", b"1", 0, 60)]) == [True]
    assert (await store.get([b"k"]))[0] is not None
    await store.close()


async def test_a_file_that_somebody_locks_is_waited_for_and_then_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_SECONDS", 0.1)
    store = SqliteStore(tmp_path / "records.db")
    await store.put([Write(b"k", b"1", 0, 60)])
    locker = sqlite3.connect(tmp_path / "records.db", isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        await store.put([Write(b"j", b"1", 0, 60)])
    assert (await store.get([b"k"]))[0] is not None
    locker.execute("COMMIT")
    assert await store.put([Write(b"j", b"1", 0, 60)]) == [True]
    locker.close()
    await store.close()


async def test_several_that_make_the_file_at_once(tmp_path: Path) -> None:
    for round_ in range(5):
        stores = [SqliteStore(tmp_path / f"{round_}.db") for _ in range(6)]
        await asyncio.gather(*(store.put([Write(b"k", b"", 0, 60)]) for store in stores[:3]))
        await asyncio.gather(*(store.get([b"k"]) for store in stores[3:]))
        await asyncio.gather(*(store.close() for store in stores))


async def test_one_that_is_making_the_file_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself refuses at once to turn a file to a write-ahead log while somebody writes to it."""
    maker = sqlite3.connect(tmp_path / "new.db", isolation_level=None)
    maker.execute("BEGIN IMMEDIATE")
    maker.execute("CREATE TABLE made (n)")
    store = SqliteStore(tmp_path / "new.db")
    putting = asyncio.create_task(store.put([Write(b"k", b"1", 0, 60)]))
    await asyncio.sleep(0.1)
    assert not putting.done()
    maker.execute("COMMIT")
    maker.close()
    assert await putting == [True]
    await store.close()


async def test_a_closed_store_takes_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "records.db")
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.put([Write(b"k", b"1", 0, 60)])
