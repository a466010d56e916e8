"""The served log in one SQLite file: embedded, for one machine."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sidecar.domain.event import EventKind
from sidecar.served.codec import UnreadableList
from sidecar.served.log import Outcome, ServedLogUnavailable, ServedRow
from sidecar.served.packed import PackedList, joined
from sidecar.served.sqlite_schema import (
    ADD_LIST,
    ADD_OUTCOME,
    EXPIRE_SLICE,
    GET_LIST,
    LIST_COLUMNS,
    OUTCOME_COLUMNS,
    SCHEMA,
)

Result = TypeVar("Result")

WAIT_FOR_WRITERS = 5.0
"""Seconds that another process (the command line) is waited for."""

PAGE_ROWS = 200
VARIABLES = 500
"""Question marks in one statement; SQLite allows some thousand."""


class SqliteServedLog:
    """Lists and outcomes in a file. Written in WAL mode without an fsync for each batch: a power cut may cost
    the last seconds of what was served, never the file; events wait in a journal of their own."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file. Raises ServedLogUnavailable."""
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="served-log")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._thread.submit(self._open).result()
        except (OSError, sqlite3.Error) as error:
            self._thread.shutdown()
            raise ServedLogUnavailable(
                f"`served.sqlite.path`: {path} cannot be opened ({error}). Name a file that may be written."
            ) from error

    async def add(self, lists: Sequence[PackedList]) -> None:
        await self._run(lambda: self._add(lists))

    async def get(self, queries: Sequence[bytes]) -> list[PackedList | None]:
        return await self._run(lambda: self._get(queries))

    async def add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        await self._run(lambda: self._add_outcomes(outcomes))

    async def outcomes(self, queries: Sequence[bytes]) -> list[list[Outcome]]:
        return await self._run(lambda: self._outcomes(queries))

    async def rows(self, since: float, until: float) -> AsyncIterator[ServedRow]:
        after = (since, b"")
        while page := await self._run(partial(self._page, *after, until)):
            outcomes = await self.outcomes([kept.query for kept in page])
            for kept, found in zip(page, outcomes, strict=True):
                try:
                    served = kept.opened()
                except UnreadableList:
                    continue
                yield ServedRow(served, found)
            after = (page[-1].time, page[-1].query)

    async def count(self, since: float, until: float) -> int:
        statement = "SELECT count(*) FROM served WHERE time >= ? AND time < ?"
        return await self._run(lambda: int(self._connection.execute(statement, (since, until)).fetchone()[0]))

    async def forget(self, shoppers: Sequence[bytes], now: float) -> int:
        return await self._run(lambda: self._forget([one for one in shoppers if one], now))

    async def expire(self, before: float) -> int:
        # In slices: the other tasks of the log get their turn in between.
        removed = 0
        while gone := await self._run(lambda: self._expire(before)):
            removed += gone
        return removed

    async def close(self) -> None:
        if not self._thread._shutdown:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
            self._thread.shutdown()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=WAIT_FOR_WRITERS, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(SCHEMA)
        self._path.chmod(0o600)
        return connection

    async def _run(self, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, RuntimeError) as error:
            raise ServedLogUnavailable(
                f"the served log {self._path} failed ({error}). Look at the disk and the file's rights."
            ) from error

    def _add(self, lists: Sequence[PackedList]) -> None:
        with self._transaction() as db:
            forgotten = self._forgotten({new.shopper for new in lists})
            for new in lists:
                if new.time <= forgotten.get(new.shopper, float("-inf")):
                    continue
                row = db.execute(GET_LIST, (new.query,)).fetchone()
                kept = joined(PackedList(*row) if row else None, new)
                db.execute(
                    ADD_LIST,
                    (
                        kept.query,
                        kept.shopper,
                        kept.time,
                        kept.page_start,
                        kept.page_size,
                        kept.order,
                        kept.data,
                    ),
                )

    def _get(self, queries: Sequence[bytes]) -> list[PackedList | None]:
        found: dict[bytes, PackedList] = {}
        for start in range(0, len(queries), VARIABLES):
            some = queries[start : start + VARIABLES]
            statement = f"SELECT {LIST_COLUMNS} FROM served WHERE query IN ({_marks(some)})"  # noqa: S608
            found.update((row[0], PackedList(*row)) for row in self._connection.execute(statement, some))
        return [found.get(query) for query in queries]

    def _add_outcomes(self, outcomes: Sequence[Outcome]) -> None:
        with self._transaction() as db:
            forgotten = self._forgotten({key for one in outcomes for key in (one.client, one.user)})
            db.executemany(
                ADD_OUTCOME,
                [
                    (
                        *(one.query, one.digest, one.client, one.user, str(one.kind), one.time),
                        *(one.object_id, one.place, one.position, one.dwell, one.query),
                    )
                    for one in outcomes
                    if one.time > max(forgotten.get(key, float("-inf")) for key in (one.client, one.user))
                ],
            )

    def _outcomes(self, queries: Sequence[bytes]) -> list[list[Outcome]]:
        found: dict[bytes, list[Outcome]] = {}
        for start in range(0, len(queries), VARIABLES):
            some = queries[start : start + VARIABLES]
            statement = (
                f"SELECT {OUTCOME_COLUMNS} FROM outcomes WHERE query IN ({_marks(some)}) "  # noqa: S608
                "ORDER BY time, digest"
            )
            for row in self._connection.execute(statement, some):
                found.setdefault(row[0], []).append(_outcome(row))
        return [found.get(query, []) for query in queries]

    def _page(self, time: float, query: bytes, until: float) -> list[PackedList]:
        statement = (
            f"SELECT {LIST_COLUMNS} FROM served WHERE (time, query) > (?, ?) AND time < ? "  # noqa: S608
            f"ORDER BY time, query LIMIT {PAGE_ROWS}"
        )
        return [PackedList(*row) for row in self._connection.execute(statement, (time, query, until))]

    def _forget(self, shoppers: Sequence[bytes], now: float) -> int:
        removed = 0
        with self._transaction() as db:
            for shopper in shoppers:
                db.execute(
                    "INSERT INTO forgotten VALUES (?, ?) "
                    "ON CONFLICT (shopper) DO UPDATE SET time = max(time, excluded.time)",
                    (shopper, now),
                )
                removed += db.execute(
                    "DELETE FROM outcomes WHERE client = ?1 OR user = ?1 "
                    "OR query IN (SELECT query FROM served WHERE shopper = ?1)",
                    (shopper,),
                ).rowcount
                removed += db.execute("DELETE FROM served WHERE shopper = ?", (shopper,)).rowcount
        if removed:
            # Deleted rows stay readable in the file's free pages and in the WAL until those are overwritten.
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return removed

    def _expire(self, before: float) -> int:
        with self._transaction() as db:
            old = [row[0] for row in db.execute(EXPIRE_SLICE, (before,))]
            for query in old:
                db.execute("DELETE FROM outcomes WHERE query = ?", (query,))
                db.execute("DELETE FROM served WHERE query = ?", (query,))
            if not old:
                db.execute("DELETE FROM forgotten WHERE time < ?", (before,))
        return len(old)

    def _forgotten(self, shoppers: set[bytes]) -> dict[bytes, float]:
        wanted = [shopper for shopper in shoppers if shopper]
        found: dict[bytes, float] = {}
        for start in range(0, len(wanted), VARIABLES):
            some = wanted[start : start + VARIABLES]
            statement = f"SELECT shopper, time FROM forgotten WHERE shopper IN ({_marks(some)})"  # noqa: S608
            found.update(self._connection.execute(statement, some))
        return found

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._connection)


class _Transaction:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK where the block raises."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")


def _outcome(row: Sequence[Any]) -> Outcome:
    query, digest, client, user, kind, *rest = row
    return Outcome(query, digest, client, user, EventKind(kind), *rest)


def _marks(values: Sequence[bytes]) -> str:
    return ",".join("?" * len(values))
