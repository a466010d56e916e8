"""Records in a SQLite file: embedded, durable, for one machine."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sidecar.profiles.record_cache import Kept, RecordCache
from sidecar.profiles.sqlite_file import CommitCount, Committed, Operation, Row, SqliteFile
from sidecar.profiles.store import Stored, StoreUnavailable, Write

LOOK_SECONDS = 0.05
"""How old the news may be that another process wrote."""

MOST_AT_ONCE = 2000
NO_RECORD_SECONDS = float("inf")

Done = asyncio.Future[Sequence[Row | None]]


class SqliteStore:
    """One thread reads and one writes; writes that wait for the disk are committed together.

    A cache of `cache_bytes` answers reads; what other processes write is seen after at most 50 ms, and a
    write against an older version is refused whatever the cache says.
    """

    def __init__(self, path: Path, cache_bytes: int = 64 * 2**20) -> None:
        self._commits = CommitCount()
        self._reading, self._writing = SqliteFile(path, self._commits), SqliteFile(path, self._commits)
        self._reader = ThreadPoolExecutor(1, "records-read")
        self._writer = ThreadPoolExecutor(1, "records-write")
        self._cache = RecordCache(cache_bytes)
        # Goes up when the cache may have become newer than what a reader thread is bringing.
        self._age = 0
        self._looked = 0.0
        self._waiting: list[tuple[Sequence[Operation], Done]] = []
        self._committing: asyncio.Task[None] | None = None
        self._closed = False

    async def get(self, keys: Sequence[bytes]) -> list[Stored | None]:
        if time.monotonic() - self._looked < LOOK_SECONDS:
            known = [self._cache.get(key) for key in keys]
            missing = [key for key, kept in zip(keys, known, strict=True) if kept is None]
            if not missing:
                return [kept.stored if kept else None for kept in known]
        return await self._read(keys)

    async def put(self, writes: Sequence[Write]) -> list[bool]:
        return [row is not None for row in await self._commit(writes)]

    async def delete(self, keys: Sequence[bytes]) -> None:
        await self._commit(list(keys))

    async def close(self) -> None:
        self._closed = True
        if self._committing is not None:
            await asyncio.wait([self._committing])
        loop = asyncio.get_running_loop()
        for thread, file in ((self._reader, self._reading), (self._writer, self._writing)):
            await loop.run_in_executor(thread, file.close)
            thread.shutdown()

    async def _read(self, keys: Sequence[bytes]) -> list[Stored | None]:
        """The records: cached ones if nobody else wrote, the others from the file."""
        wanted = [key for key in dict.fromkeys(keys) if self._cache.get(key) is None]
        age, looking = self._age, time.monotonic()
        loop = asyncio.get_running_loop()
        rows, news = await loop.run_in_executor(self._reader, self._reading.read, wanted)
        fresh = {key: row.stored if row else None for key, row in zip(wanted, rows, strict=True)}
        if news:
            self._forget_all()
        elif self._age == age:
            for key, row in zip(wanted, rows, strict=True):
                self._cache.keep(key, _kept(row))
        self._looked = looking
        answer: list[Stored | None] = []
        for key in keys:
            kept = None if key in fresh else self._cache.get(key)
            if key not in fresh and kept is None:
                # Others wrote: what was cached when this began is gone.
                return await self._read(keys)
            answer.append(kept.stored if kept else fresh.get(key))
        return answer

    async def _commit(self, operations: Sequence[Operation]) -> Sequence[Row | None]:
        if not operations:
            return []
        if self._closed:
            raise StoreUnavailable("the store is closed")
        done: Done = asyncio.get_running_loop().create_future()
        self._waiting.append((operations, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        return await asyncio.shield(done)

    async def _commit_all(self) -> None:
        """Commits what waits, and what comes while it does."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch = self._next_batch()
            operations = [operation for some, _ in batch for operation in some]
            try:
                committed = await loop.run_in_executor(self._writer, self._writing.write, operations)
            except StoreUnavailable as error:
                # Whether it was written is not known.
                self._forget_all()
                for _, done in batch:
                    if not done.done():
                        done.set_exception(StoreUnavailable(str(error)))
                        done.exception()  # nobody may be waiting any more
                continue
            self._remember(operations, committed)
            rows = committed.rows
            for some, done in batch:
                mine, rows = rows[: len(some)], rows[len(some) :]
                if not done.done():
                    done.set_result(mine)
        self._committing = None

    def _next_batch(self) -> list[tuple[Sequence[Operation], Done]]:
        batch: list[tuple[Sequence[Operation], Done]] = []
        size = 0
        while self._waiting and (not batch or size + len(self._waiting[0][0]) <= MOST_AT_ONCE):
            batch.append(self._waiting.pop(0))
            size += len(batch[-1][0])
        return batch

    def _remember(self, operations: Sequence[Operation], committed: Committed) -> None:
        if committed.news:
            self._forget_all()
        self._age += 1
        # What others wrote after us was seen before we came here: ours may not be the last word.
        is_last = self._commits.is_last(committed.number)
        for operation, row in zip(operations, committed.rows, strict=True):
            key = operation if isinstance(operation, bytes) else operation.key
            if is_last and (row is not None or operation is key):
                self._cache.keep(key, _kept(row))
            else:
                self._cache.drop(key)

    def _forget_all(self) -> None:
        self._age += 1
        self._cache.clear()


def _kept(row: Row | None) -> Kept:
    return Kept(row.stored, row.expires) if row else Kept(None, NO_RECORD_SECONDS)
