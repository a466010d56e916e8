"""Says what a long command is doing, and has it end in order when it is told to end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer

TERMINATED = 143
"""The exit code of what was ended by SIGTERM, by the shell's custom."""


@contextmanager
def doing(what: str) -> Iterator[Callable[[str], None]]:
    """Call what is given with each step: a line that changes on a terminal, a line each elsewhere.

    SIGTERM ends the block as ctrl-C does, so that servers which it started are stopped.
    """
    from rich.console import Console

    def end(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    console = Console(stderr=True)
    try:
        if console.is_terminal:
            with console.status(f"{what} …") as status:
                yield lambda step: status.update(f"{what}: {step} …")
        else:
            yield lambda step: typer.echo(f"{what}: {step}", err=True)
    finally:
        signal.signal(signal.SIGTERM, before)
