"""What the stack's commands show while people wait: each part, how long it took, how long is left."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from sidecar.stack.durations import known_durations, remember_durations
from sidecar.stack.errors import StackError

Tell = Callable[[str], None]


@contextmanager
def told_errors() -> Iterator[None]:
    """Turn what can go wrong with the stack into a message and exit code 1, without a traceback."""
    try:
        yield
    except StackError as error:
        Console(stderr=True, highlight=False, markup=False).print(
            f"reshelf: {error}", style="red", soft_wrap=True
        )
        raise typer.Exit(1) from error
    except ModuleNotFoundError as error:
        typer.echo(
            f"reshelf: this command needs the package {error.name}: pip install 'reshelf[stack]'", err=True
        )
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        typer.echo("reshelf: interrupted", err=True)
        raise typer.Exit(130) from None


class _Clock(ProgressColumn):
    """Elapsed seconds, and what the same part took last time."""

    def render(self, task: Task) -> Text:
        elapsed = task.finished_time if task.finished else task.elapsed
        expected = task.fields.get("expected")
        usual = f" of ~{expected:.0f} s" if expected and not task.finished else ""
        return Text("" if elapsed is None else f"{elapsed:5.1f} s{usual}")


class Parts:
    """Progress on stderr: a live table on a terminal, a line for each change elsewhere.

    `names` are the parts in the order shown; `task` is what their durations are remembered under.
    """

    def __init__(self, names: Sequence[str], *, task: str) -> None:
        self._task = task
        self._known = known_durations()
        self._took: dict[str, float] = {}
        self._console = Console(stderr=True, highlight=False, markup=False)
        self._live = self._console.is_terminal
        self._lock = threading.Lock()
        self._begin = time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description:<11}"),
            BarColumn(bar_width=24),
            _Clock(),
            TextColumn("{task.fields[doing]}", style="dim"),
            console=self._console,
            disable=not self._live,
        )
        self._tasks = {name: self._add(name) for name in names}

    def _add(self, name: str) -> TaskID:
        expected = self._expected(name)
        return self._progress.add_task(
            name, start=False, total=expected or None, doing="waiting", expected=expected
        )

    def _expected(self, name: str) -> float:
        return self._known.get(f"{self._task}/{name}", 0.0)

    def __enter__(self) -> Self:
        self._progress.start()
        whole = self._known.get(f"{self._task}/whole")
        if whole and whole >= 3:
            self._console.print(f"about {whole:.0f} s")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()
        if kind is None:
            took = {**self._took, "whole": time.monotonic() - self._begin}
            remember_durations({f"{self._task}/{name}": seconds for name, seconds in took.items()})

    @contextmanager
    def part(self, name: str) -> Iterator[Tell]:
        """Show one part while it is worked on; call what is given with what is being done just now."""
        begin = time.monotonic()
        self._progress.start_task(self._tasks[name])

        def tell(doing: str) -> None:
            self._tell(name, doing, time.monotonic() - begin)

        try:
            yield tell
        except BaseException:
            self._progress.update(self._tasks[name], doing="failed")
            raise
        self._took[name] = time.monotonic() - begin
        self._progress.update(self._tasks[name], total=1, completed=1)
        if not self._live:
            self._line(f"{name}: done after {self._took[name]:.1f} s")

    def _tell(self, name: str, doing: str, elapsed: float) -> None:
        self._progress.update(self._tasks[name], doing=doing)
        if self._live:
            return
        expected = self._expected(name)
        left = f" (about {expected - elapsed:.0f} s left)" if expected > elapsed + 1 else ""
        self._line(f"{name}: {doing}{left}")

    def _line(self, text: str) -> None:
        with self._lock:
            print(text, file=sys.stderr, flush=True)
