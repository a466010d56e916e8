"""The thread that writes the journal: all that waits shares one commit."""

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sidecar.domain.event import KeyedEvent
from sidecar.feedback.journal_file import JournalFile, JournalUnavailable

MOST_EVENTS = 5000
"""In one commit, unless one batch alone has more."""

TIDY_SECONDS = 5.0
"""Between looks for entries that are too old, while nothing else is to be written."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Wanted:
    """Something to be written, and who waits for it."""

    future: asyncio.Future[list[int]]
    loop: asyncio.AbstractEventLoop
    events: Sequence[KeyedEvent] = ()
    positions: Mapping[str, int] = field(default_factory=dict)
    now: float = 0.0
    applied: int = 0


class JournalThread:
    """Takes what tasks of event loops want written. SQLite's fsync holds no lock of Python's meanwhile."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self._wanted: list[_Wanted] = []
        self._changed = threading.Condition()
        self._ending = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to write."""
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Writes what waits, then ends. Blocks."""
        with self._changed:
            self._ending = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    async def append(
        self, events: Sequence[KeyedEvent], positions: Mapping[str, int], now: float
    ) -> list[int]:
        """The events' seqs, 0 for those delivered before, once they are on disk."""
        return await self._want(events=events, positions=positions, now=now)

    async def applied(self, seq: int) -> None:
        """Returns once the cursor is on disk."""
        await self._want(applied=seq)

    async def _want(self, **what: object) -> list[int]:
        loop = asyncio.get_running_loop()
        wanted = _Wanted(loop.create_future(), loop, **what)  # type: ignore[arg-type]
        with self._changed:
            if self._thread is None or self._ending:
                raise JournalUnavailable("the journal is closed")
            self._wanted.append(wanted)
            self._changed.notify()
        return await wanted.future

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._wanted and not self._ending:
                    self._changed.wait(TIDY_SECONDS)
                if not self._wanted and self._ending:
                    return
                taken = self._share()
            if taken:
                self._write(taken)
            elif self._file.is_untidy:
                # Old entries go with commits; where no event comes there would be none.
                self._tidy()

    def _tidy(self) -> None:
        try:
            self._file.write([])
        except JournalUnavailable as error:
            log.warning("old entries could not be removed: %s", error)

    def _share(self) -> list[_Wanted]:
        """So much of what waits as goes into one commit, in its order."""
        count = events = 0
        for wanted in self._wanted:
            if count and events + len(wanted.events) > MOST_EVENTS:
                break
            events += len(wanted.events)
            count += 1
        taken, self._wanted = self._wanted[:count], self._wanted[count:]
        return taken

    def _write(self, taken: list[_Wanted]) -> None:
        error: Exception | None = None
        answers: Sequence[list[int]] = ()
        try:
            batches = [
                (wanted.events, wanted.positions, wanted.now) for wanted in taken if not wanted.applied
            ]
            answers = self._file.write(batches, max((wanted.applied for wanted in taken), default=0))
        except JournalUnavailable as unavailable:
            error = unavailable
        except Exception as unexpected:
            log.exception("the journal could not be written")
            error = JournalUnavailable(f"the journal could not be written ({type(unexpected).__name__})")
        found = iter(answers)
        for wanted in taken:
            answer = [] if wanted.applied or error else next(found)
            try:
                wanted.loop.call_soon_threadsafe(_tell, wanted.future, answer, error)
            except RuntimeError:
                # The loop is closed: nobody waits any more.
                continue


def _tell(future: "asyncio.Future[list[int]]", answer: list[int], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(answer)
    else:
        future.set_exception(error)
