"""How long work tells what it is at."""

from collections.abc import Callable

Progress = Callable[[str], None]
"""Called with a few words at the start of each step."""


def silent(step: str) -> None:
    """The `Progress` of a caller that does not watch."""
