"""Accepted events, on disk until they are applied and a while longer."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sidecar.config.events import JournalSettings
from sidecar.domain.event import KeyedEvent
from sidecar.feedback.journal_file import JournalFile, JournalUnavailable
from sidecar.feedback.journal_thread import JournalThread

__all__ = ["Accepted", "Journal", "JournalFull", "JournalUnavailable", "Repeated"]

DEFAULT_NAME = "journal.db"
BUSY_SECONDS = 1.0
BEHIND_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Accepted:
    """The event is on disk. `seq` is its place in the journal."""

    seq: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """The event was delivered before."""


REPEATED = Repeated()


class JournalFull(Exception):
    """There is no room; nothing of what was to be appended was taken. Try again in `retry_after` seconds."""

    def __init__(self, why: str, retry_after: float) -> None:
        super().__init__(f"{why}; try again in {retry_after:g} s")
        self.retry_after = retry_after


class Journal:
    """Events in the order of their acceptance, numbered by `seq` from 1. For one event loop.

    An event is on disk when `append` returns, and is known for a while, so that it is accepted once however
    often it is delivered. `applied` moves the cursor; entries before it are kept for `replay_minutes`, so
    that whoever applies them can read them again after a store lost its last writes. An entry is known to
    all who keep marks by (`writer`, seq): both stay the same for as long as the file lives.
    """

    def __init__(self, settings: JournalSettings, state_folder: Path, max_waiting: int = 20_000) -> None:
        """`max_waiting` events may be on their way to the disk. Opens nothing yet."""
        self._settings = settings
        self._max_waiting = max_waiting
        self._file = JournalFile(settings, settings.path or state_folder / DEFAULT_NAME)
        self._thread = JournalThread(self._file)
        self._waiting = 0
        self._news = asyncio.Event()

    def open(self) -> None:
        """Opens or makes the file. Raises JournalUnavailable, also where another process has it open."""
        self._file.open()
        self._thread.start()

    async def close(self) -> None:
        """Ends what is under way, then gives the file back. Also before `open`, and a second time."""
        await asyncio.to_thread(self._thread.stop)
        self._file.close()

    @property
    def writer(self) -> int:
        """This journal's identity, 32 bits, drawn when its file was made."""
        return self._file.writer

    @property
    def last(self) -> int:
        """The newest entry's seq; 0 where there never was one."""
        return self._file.last

    @property
    def cursor(self) -> int:
        """Up to which seq entries were applied."""
        return self._file.applied

    @property
    def oldest(self) -> int:
        """Reading after this seq gives all entries that are kept, applied ones too."""
        return self._file.oldest

    @property
    def behind(self) -> int:
        """How many entries wait to be applied."""
        return self._file.last - self._file.applied

    @property
    def size(self) -> int:
        """The file's size in bytes, without what is free in it."""
        return self._file.size

    def position(self, name: str) -> int | None:
        """Where the reader of another source stands, as it was last appended; None where it never was."""
        return self._file.cursors.get(name)

    async def append(
        self, events: Sequence[KeyedEvent], positions: Mapping[str, int] | None = None
    ) -> list[Accepted | Repeated]:
        """What became of each event, in their order, once that is on disk.

        `positions` of readers of other sources are written in the same transaction. All or nothing: raises
        JournalFull, and JournalUnavailable where the disk refuses.
        """
        count = len(events)
        if count and self._waiting and self._waiting + count > self._max_waiting:
            raise JournalFull(f"{self._waiting} events are on their way to the disk already", BUSY_SECONDS)
        if count and self.behind + self._waiting + count > self._settings.events:
            raise JournalFull(f"{self.behind} events wait to be applied", BEHIND_SECONDS)
        if count and self.size > self._settings.max_mib * 1024 * 1024:
            # Applied entries go with commits, and there are none while nothing is taken in.
            await self._thread.applied(self.cursor)
            raise JournalFull(f"the journal has its {self._settings.max_mib} MiB", BEHIND_SECONDS)
        self._waiting += count
        try:
            seqs = await self._thread.append(events, positions or {}, time.time())
        finally:
            self._waiting -= count
        if any(seqs):
            self._news.set()
        return [Accepted(seq) if seq else REPEATED for seq in seqs]

    async def read(self, after: int, limit: int) -> list[tuple[int, KeyedEvent]]:
        """The entries after a seq, oldest first, at most `limit`."""
        return await asyncio.to_thread(self._file.read, after, limit)

    async def applied(self, seq: int) -> None:
        """Says that all entries up to `seq` were applied. Never moves back; durable when it returns."""
        await self._thread.applied(seq)

    async def wait(self, after: int) -> None:
        """Returns once there is an entry after a seq."""
        while self._file.last <= after:
            self._news.clear()
            await self._news.wait()
