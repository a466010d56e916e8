"""A progress bar with the time that is left, on stderr; a line now and then where there is no terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

SECONDS_BETWEEN_LINES = 10.0


class Tick(Protocol):
    """Tell how much is done, out of the total; `note` stands beside the bar."""

    def __call__(self, done: float, note: str = "") -> None: ...


@contextmanager
def work_progress(what: str, total: float) -> Iterator[Tick]:
    """Show how far `what` is while the block runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(what, total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=total, note="")

        def tick(done: float, note: str = "") -> None:
            progress.update(task, completed=done, note=note)

        yield tick


def _lines(what: str, total: float) -> Tick:
    begin = last = time.monotonic()

    def tick(done: float, note: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < SECONDS_BETWEEN_LINES or not done:
            return
        last = now
        left = (now - begin) * (total - done) / done
        print(f"{what}: {done / total:.0%}, about {left:.0f} s left  {note}", file=sys.stderr, flush=True)

    return tick
