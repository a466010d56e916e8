"""The journal's file: SQLite, written by one thread and read by others."""

import fcntl
import secrets
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from sidecar.config.events import JournalSettings
from sidecar.domain.event import EventKind, KeyedEvent
from sidecar.feedback.repeats import REPEATS_SCHEMA, Repeats

SCHEMA_VERSION = 1
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS journal (
  one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, writer INTEGER NOT NULL,
  last INTEGER NOT NULL, applied INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS entries (
  seq INTEGER PRIMARY KEY, digest BLOB NOT NULL, kind TEXT NOT NULL, time REAL NOT NULL,
  query BLOB NOT NULL, client BLOB NOT NULL, user BLOB NOT NULL,
  object_id TEXT NOT NULL, position INTEGER NOT NULL, dwell REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS positions (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
{REPEATS_SCHEMA}
"""
ENTRY = "digest, kind, time, query, client, user, object_id, position, dwell"
DROPPED_AT_ONCE = 4000
"""Entries taken away by one commit: nobody waits long for it."""
COMMITS_A_LOOK = 16
"""Asking for the size costs a fifth of a small commit."""
KINDS = {kind.value: kind for kind in EventKind}


class JournalUnavailable(Exception):
    """The journal's file cannot be used; the message says why and what to do. Never an event's content."""


class JournalFile:
    """All that is on disk. Methods block; `write` belongs to one thread, `read` may be called by any."""

    def __init__(self, settings: JournalSettings, path: Path) -> None:
        self._settings = settings
        self._path = path
        self._lock: IO[bytes] | None = None
        self._writing: sqlite3.Connection | None = None
        self._reading: sqlite3.Connection | None = None
        self._one_reader = threading.Lock()
        self._repeats = Repeats(settings.repeats_days * 86_400, settings.repeats_events)
        self._applied_at: deque[tuple[float, int]] = deque()
        self._droppable = 0
        self._commits = 0
        self.writer = self.last = self.applied = self.oldest = self.size = 0
        self.cursors: dict[str, int] = {}

    def open(self) -> None:
        """Raises JournalUnavailable."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = self._path.with_name(f"{self._path.name}.lock").open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise JournalUnavailable(
                f"{self._path}: another sidecar has this journal open. Give each its own "
                "`events.journal.path`."
            ) from None
        except OSError as error:
            self.close()
            raise JournalUnavailable(
                f"{self._path}: cannot be written ({error.strerror}). Correct `events.journal.path`, or let "
                "the sidecar's user write there."
            ) from error
        try:
            self._writing, self._reading = self._connected(), self._connected()
            self._writing.executescript(SCHEMA)
            self._load(self._writing)
        except sqlite3.Error as error:
            self.close()
            raise JournalUnavailable(
                f"{self._path}: not a usable journal ({error}). Move the file away to begin a new one; what "
                "was in it and not applied is then lost."
            ) from error

    def close(self) -> None:
        """Gives back the file. Also when `open` failed or never ran."""
        for connection in (self._writing, self._reading):
            if connection is not None:
                connection.close()
        self._writing = self._reading = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def write(
        self,
        batches: Sequence[tuple[Sequence[KeyedEvent], Mapping[str, int], float]],
        applied: int = 0,
    ) -> list[list[int]]:
        """Each batch's events' seqs (0: delivered before), all on disk in one transaction.

        A batch is events, positions of other readers, and the time of day. Raises JournalUnavailable; then
        nothing of it was written.
        """
        connection = self._writing
        if connection is None:
            raise JournalUnavailable(f"{self._path}: the journal is not open")
        try:
            connection.execute("BEGIN IMMEDIATE")
            answer, last = self._insert(connection, batches)
            applied = min(max(applied, self.applied), last)
            oldest = self._drop(connection, applied)
            connection.execute("UPDATE journal SET last = ?, applied = ?", (last, applied))
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo(connection)
            raise JournalUnavailable(f"{self._path}: cannot be written ({error})") from error
        self._repeats.committed()
        for _, positions, _ in batches:
            self.cursors.update(positions)
        if applied > self.applied:
            self._applied_at.append((time.monotonic(), applied))
        self.last, self.applied, self.oldest = last, applied, oldest
        self._commits += 1
        if self._commits % COMMITS_A_LOOK == 0 or len(batches) == 0:
            self.size = self._used(connection)
        return answer

    def read(self, after: int, limit: int) -> list[tuple[int, KeyedEvent]]:
        """The entries after a seq, oldest first, at most `limit`. Raises JournalUnavailable."""
        with self._one_reader:
            if self._reading is None:
                raise JournalUnavailable(f"{self._path}: the journal is not open")
            try:
                rows = self._reading.execute(
                    f"SELECT seq, {ENTRY} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608
                    (after, limit),
                ).fetchall()
            except sqlite3.Error as error:
                raise JournalUnavailable(f"{self._path}: cannot be read ({error})") from error
        return [(seq, KeyedEvent(digest, KINDS[kind], *rest)) for seq, digest, kind, *rest in rows]

    def _insert(
        self,
        connection: sqlite3.Connection,
        batches: Sequence[tuple[Sequence[KeyedEvent], Mapping[str, int], float]],
    ) -> tuple[list[list[int]], int]:
        last = self.last
        answer, rows = [], []
        for events, positions, now in batches:
            seqs = []
            for event, new in zip(events, self._repeats.are_new(connection, events, now), strict=True):
                if new:
                    last += 1
                    rows.append(_row(last, event))
                seqs.append(last if new else 0)
            answer.append(seqs)
            connection.executemany("REPLACE INTO positions VALUES (?, ?)", positions.items())
        connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._repeats.forget(connection)
        return answer, last

    @property
    def is_untidy(self) -> bool:
        """Whether there are entries that were applied long enough ago."""
        old = time.monotonic() - self._settings.replay_minutes * 60
        passed = max((seq for moment, seq in self._applied_at if moment <= old), default=0)
        return max(self._droppable, passed) > self.oldest

    def _drop(self, connection: sqlite3.Connection, applied: int) -> int:
        """Takes away what was applied long enough ago, and more where a backlog needs the room."""
        old = time.monotonic() - self._settings.replay_minutes * 60
        while self._applied_at and self._applied_at[0][0] <= old:
            self._droppable = max(self._droppable, self._applied_at.popleft()[1])
        self._droppable = max(self._droppable, applied - self._settings.events)
        oldest = max(self.oldest, min(self._droppable, self.oldest + DROPPED_AT_ONCE))
        if oldest > self.oldest:
            connection.execute("DELETE FROM entries WHERE seq <= ?", (oldest,))
        return oldest

    def _load(self, connection: sqlite3.Connection) -> None:
        row = connection.execute("SELECT version, writer, last, applied FROM journal").fetchone()
        if row is None:
            row = (SCHEMA_VERSION, secrets.randbits(31) + 1, 0, 0)
            connection.execute("INSERT INTO journal VALUES (1, ?, ?, ?, ?)", row)
        version, self.writer, self.last, self.applied = row
        if version != SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"written by another version: {version}, expected {SCHEMA_VERSION}")
        first = connection.execute("SELECT min(seq) FROM entries").fetchone()[0]
        self.oldest = self._droppable = first - 1 if first is not None else self.last
        self.cursors = dict(connection.execute("SELECT name, value FROM positions"))
        self._applied_at.append((time.monotonic(), self.applied))
        self._repeats.load(connection)
        self.size = self._used(connection)

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=10)
        connection.execute("PRAGMA journal_mode = WAL")
        # An acknowledged event survives the machine, not only the process.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        return connection

    @staticmethod
    def _used(connection: sqlite3.Connection) -> int:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _undo(self, connection: sqlite3.Connection) -> None:
        self._repeats.undone()
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _row(seq: int, event: KeyedEvent) -> tuple[object, ...]:
    return (
        *(seq, event.digest, event.kind.value, event.time),
        *(event.query, event.client, event.user, event.object_id, event.position, event.dwell),
    )
