"""The SQLite file of a record store: blocking calls, each connection used by one thread.

Several processes may open the file. A row counts all commits, by which each process sees that others wrote.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sidecar.profiles.store import Stored, StoreUnavailable, Write
from sidecar.profiles.version import new_version

BUSY_SECONDS = 5.0
SWEEP_SECONDS = 10.0
SWEEP_ROWS = 500
MAKING = threading.Lock()

CONNECTION = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -8192;
PRAGMA secure_delete = ON;
"""
# 2 KB records: three to a page of 8 KB, where a page of 4 KB would hold one. What is deleted or replaced is
# overwritten with zeros: who was forgotten is not left in the file.
TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS records (key BLOB PRIMARY KEY, version INTEGER, expires REAL, value BLOB);
CREATE INDEX IF NOT EXISTS records_by_expiry ON records (expires);
CREATE TABLE IF NOT EXISTS commits (id INTEGER PRIMARY KEY CHECK (id = 0), n INTEGER);
INSERT OR IGNORE INTO commits VALUES (0, 0);
COMMIT;
"""
UPSERT = """
INSERT INTO records VALUES (?, ?, ?, ?) ON CONFLICT (key)
DO UPDATE SET version = excluded.version, expires = excluded.expires, value = excluded.value
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A record with the time when it is gone, in seconds since 1970."""

    stored: Stored
    expires: float


@dataclass(frozen=True, slots=True)
class Committed:
    """What was written, None where it was not (another version, or a delete); whether others wrote since the
    last look; and the commit's number."""

    rows: Sequence[Row | None]
    news: bool
    number: int


Operation = Write | bytes
"""A write, or the key of a record to delete."""


class CommitCount:
    """How many commits this process knows of: more in the file means that others wrote. For two threads."""

    def __init__(self) -> None:
        self._known = -1
        self._lock = threading.Lock()

    def is_last(self, count: int) -> bool:
        """Whether nothing is known of after the commit with this number."""
        with self._lock:
            return self._known == count

    def read(self, count: int) -> bool:
        """Whether a count that was read is news."""
        with self._lock:
            news = count != self._known
            self._known = max(self._known, count)
            return news

    def committed(self, before: int) -> bool:
        """Whether others wrote before our commit, which found `before`."""
        with self._lock:
            news = before != self._known
            self._known = max(self._known, before + 1)
            return news


class SqliteFile:
    """One connection, opened at its first use and again after an error. Not safe for several threads."""

    def __init__(self, path: Path, commits: CommitCount) -> None:
        self._path = path
        self._commits = commits
        self._connection: sqlite3.Connection | None = None
        self._swept = 0.0

    def read(self, keys: Sequence[bytes]) -> tuple[list[Row | None], bool]:
        """The records, and whether others wrote since the last look. Raises StoreUnavailable."""
        try:
            database = self._open()
            # The count first: what is read after it may be newer, never older.
            news = self._commits.read(database.execute("SELECT n FROM commits").fetchone()[0])
            return [self._row(database, key, time.time()) for key in keys], news
        except (sqlite3.Error, OSError) as error:
            raise self._unavailable(error) from None

    def write(self, operations: Sequence[Operation]) -> "Committed":
        """Does all in one transaction, durable on return. Raises StoreUnavailable."""
        try:
            database = self._open()
            database.execute("BEGIN IMMEDIATE")
            (before,) = database.execute("SELECT n FROM commits").fetchone()
            done = [self._do(database, operation, time.time()) for operation in operations]
            database.execute("UPDATE commits SET n = n + 1")
            self._sweep(database)
            database.execute("COMMIT")
            return Committed(done, self._commits.committed(before), before + 1)
        except (sqlite3.Error, OSError) as error:
            raise self._unavailable(error) from None

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _row(self, database: sqlite3.Connection, key: bytes, now: float) -> Row | None:
        found = database.execute(
            "SELECT value, version, expires FROM records WHERE key = ? AND expires > ?", (key, now)
        ).fetchone()
        return Row(Stored(found[0], found[1]), found[2]) if found else None

    def _do(self, database: sqlite3.Connection, operation: Operation, now: float) -> Row | None:
        if isinstance(operation, bytes):
            database.execute("DELETE FROM records WHERE key = ?", (operation,))
            return None
        found = database.execute(
            "SELECT version FROM records WHERE key = ? AND expires > ?", (operation.key, now)
        ).fetchone()
        if (found[0] if found else 0) != operation.expected:
            return None
        row = Row(Stored(operation.value, new_version()), _expiry(now, operation.ttl))
        database.execute(UPSERT, (operation.key, row.stored.version, row.expires, row.stored.value))
        return row

    def _sweep(self, database: sqlite3.Connection) -> None:
        """Removes some of what has expired; again with the next write where there is more."""
        now = time.time()
        if now - self._swept < SWEEP_SECONDS:
            return
        swept = database.execute(
            "DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE expires <= ? LIMIT ?)",
            (now, SWEEP_ROWS),
        ).rowcount
        if swept < SWEEP_ROWS:
            self._swept = now

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            _make_file(self._path)
            connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                _set_up(connection)
                # Not for every connection: it would wait for whoever is writing.
                if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'commits'").fetchone():
                    connection.executescript(TABLES)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()  # rolls back what was begun
        return StoreUnavailable(
            f"the records in {self._path} cannot be reached: {error}. Look at the disk's space and "
            "health and at the file's owner; a damaged file may be moved away: a new one is made."
        )


def _set_up(connection: sqlite3.Connection) -> None:
    """Sets what is the connection's, trying again while another makes the file a log of its own.

    Two that turn a new file to WAL would wait for each other, so SQLite refuses one at once, whatever its
    timeout is.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.executescript(CONNECTION)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.005)


def _make_file(path: Path) -> None:
    """An empty file for its owner only, where there is none; SQLite gives its side files the same rights.

    A file that is there is not opened, and one that is made is closed before any connection of this process:
    closing any handle of a file drops all locks that the process has on it, SQLite's too. Another process
    that closes would then take itself for the last one and remove the write-ahead log that we write to.
    """
    with MAKING:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _expiry(now: float, ttl: float) -> float:
    """When a record is gone: up to 1/64 of its ttl later, in steps, so that few writes change the index."""
    step = ttl / 64
    return (now + ttl) // step * step + step
