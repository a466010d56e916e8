"""Another process opens the sidecar's SQLite file and closes it again: nothing of either is lost."""

import subprocess
import sys
from pathlib import Path

from sidecar.profiles.sqlite_store import SqliteStore
from sidecar.profiles.store import Write

COMMAND = """
import asyncio, sys
from pathlib import Path
from sidecar.profiles.sqlite_store import SqliteStore
from sidecar.profiles.store import Write

async def main():
    store = SqliteStore(Path(sys.argv[1]))
    assert (await store.get([b"before"]))[0] is not None
    assert await store.put([Write(sys.argv[2].encode(), b"2", 0, 60)]) == [True]
    await store.close()

asyncio.run(main())
"""


def run_command(file: Path, key: str) -> None:
    subprocess.run([sys.executable, "-c", COMMAND, str(file), key], check=True, timeout=60)


async def test_nothing_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "records.db"
    store = SqliteStore(file)
    await store.put([Write(b"before", b"1", 0, 60)])
    await store.get([b"opens the reader's connection too"])
    log = file.with_name("records.db-wal").stat().st_ino
    for number in range(3):
        run_command(file, f"command-{number}")
        # A process that takes itself for the last one removes the log that this one goes on writing to.
        assert file.with_name("records.db-wal").stat().st_ino == log
        await store.put([Write(b"after-%d" % number, b"3", 0, 60)])
    await store.close()
    again = SqliteStore(file)
    keys = [b"before", *(b"command-%d" % number for number in range(3)), *(b"after-%d" % n for n in range(3))]
    assert [found is not None for found in await again.get(keys)] == [True] * 7
    await again.close()
