"""Tastes that count: each change adds one event, so that lost and doubled ones show."""

from collections.abc import Callable

from sidecar.taste.state import Taste

NOW = 1_700_000_000.0


def count_one(taste: Taste) -> None:
    """A change that is seen in `learned`."""
    taste.learned += 1


def add_up(user: Taste, client: Taste, now: float) -> Taste:
    """A merge under which `learned` adds up."""
    both = user.copy()
    both.learned += client.learned
    return both


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def failing(times: int, work: Callable[[Taste], object]) -> Callable[[Taste], object]:
    """Raises the first `times` times."""
    left = [times]

    def apply(taste: Taste) -> object:
        if left[0]:
            left[0] -= 1
            raise RuntimeError("somebody@example.org clicked")
        return work(taste)

    return apply
