"""Who is told how a start goes on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

Tell = Callable[[str], None]


class Watch(Protocol):
    """Shows parts of the work, each with what is being done in it."""

    def part(self, name: str) -> AbstractContextManager[Tell]: ...


class Silent:
    """Shows nothing, for programs that start a stack."""

    @contextmanager
    def part(self, name: str) -> Iterator[Tell]:  # noqa: ARG002
        yield lambda _: None
