"""Which events were delivered before: their digests, for a while."""

import sqlite3
from collections.abc import Iterator, Sequence

from sidecar.domain.event import KeyedEvent

REPEATS_SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (
  generation INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (generation, digest)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS generations (number INTEGER PRIMARY KEY, began REAL NOT NULL);
"""
FORGET = "DELETE FROM seen WHERE generation = ? AND digest >= ? AND digest < ?"
SLICES = 256


class Repeats:
    """Digests in two generations, in the journal's own transactions.

    A digest is known for at least `seconds`, unless `most` newer ones came, and at most twice as long. A
    generation that is over is taken away a slice at a time, with the commits that happen anyway: no event
    waits for millions of rows.
    """

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._number = self._rows = self._slice = 0
        self._began = 0.0
        self._before = (0, 0, 0, 0.0)

    def load(self, connection: sqlite3.Connection) -> None:
        """Takes up where the file stands."""
        row = connection.execute("SELECT max(number), began FROM generations").fetchone()
        self._number, self._began = (row[0] or 0), (row[1] or 0.0)
        counted = connection.execute("SELECT count(*) FROM seen WHERE generation = ?", (self._number,))
        self._rows = counted.fetchone()[0]
        self.committed()

    def are_new(
        self, connection: sqlite3.Connection, events: Sequence[KeyedEvent], now: float
    ) -> Iterator[bool]:
        """Whether each was never seen; it is from now on."""
        if self._rows >= self._most or now - self._began > self._seconds:
            self._turn(connection, now)
        current, previous = self._number, self._number - 1
        for event in events:
            known = connection.execute(
                "SELECT 1 FROM seen WHERE generation = ? AND digest = ?", (previous, event.digest)
            ).fetchone()
            if known is not None:
                yield False
                continue
            written = connection.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (current, event.digest))
            self._rows += written.rowcount
            yield written.rowcount == 1

    def forget(self, connection: sqlite3.Connection) -> None:
        """Takes away a slice of the generation that is over."""
        if self._slice >= SLICES:
            return
        first, end = bytes([self._slice]), bytes([self._slice + 1]) if self._slice < 255 else b"\xff" * 17
        connection.execute(FORGET, (self._number - 2, first, end))
        self._slice += 1

    def committed(self) -> None:
        """The transaction is on disk."""
        self._before = (self._number, self._rows, self._slice, self._began)

    def undone(self) -> None:
        """The transaction did not happen."""
        self._number, self._rows, self._slice, self._began = self._before

    def _turn(self, connection: sqlite3.Connection, now: float) -> None:
        """The current generation becomes the previous one."""
        self._number, self._began, self._rows, self._slice = self._number + 1, now, 0, 0
        connection.execute("INSERT INTO generations VALUES (?, ?)", (self._number, now))
        # What a slow end left of older ones.
        connection.execute("DELETE FROM generations WHERE number < ?", (self._number - 2,))
        connection.execute("DELETE FROM seen WHERE generation < ?", (self._number - 2,))
