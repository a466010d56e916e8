"""Each action is tried by itself: one that fails or takes too long costs its own effect only."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sidecar.domain.deadline import Deadline
from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.telling import FAILED, Telling

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
RAISED, SLOW = "raised", "slow"


class Attempts:
    """For one search. `failed` are the rules of which an action failed, and why."""

    __slots__ = ("_slow", "_told", "_until", "failed", "left_out")

    def __init__(self, told: Telling, deadline: Deadline | None = None, slow: float = float("inf")) -> None:
        """`slow` is how many seconds an action may take."""
        self._told = told
        self._until = float("inf") if deadline is None else deadline.at
        self._slow = slow
        self.failed: dict[str, str] = {}
        self.left_out: list[Act[Any]] = []

    def of(
        self, act: Act[Any], work: Callable[..., Answer], *arguments: Any, even_late: bool = False
    ) -> Answer | None:
        """What the work answers; None where it failed, or where the time is up."""
        if not even_late and self._until <= time.monotonic():
            self.left_out.append(act)
            return None
        begin = time.perf_counter(), time.thread_time()
        try:
            answer = work(*arguments)
        except Exception as error:  # noqa: BLE001 - told by `_fails`; whatever it is, it is this rule's alone
            self._fails(act, RAISED, f"{type(error).__name__}: {error}")
            return None
        if self._was_slow(begin):
            self._fails(act, SLOW, f"took longer than {self._slow * 1000:g} ms")
            return None
        return answer

    def together(self, work: Callable[..., Answer], *arguments: Any) -> Answer | None:
        """What the work of several actions answers; None where it failed, took longer than one action may, or
        where the time is up: then each is to be tried by itself."""
        if self._until <= time.monotonic():
            return None
        begin = time.perf_counter(), time.thread_time()
        try:
            answer = work(*arguments)
        except Exception:  # noqa: BLE001 - whose fault it was is seen when each is tried
            return None
        if self._was_slow(begin):
            return None
        return answer

    def _was_slow(self, begin: tuple[float, float]) -> bool:
        """Whether it was this thread that took the time, and not another one on a busy machine. `begin` is in
        seconds by the clock and of this thread."""
        wall, own = begin
        return time.perf_counter() - wall > self._slow and time.thread_time() - own > self._slow

    def _fails(self, act: Act[Any], why: str, detail: str) -> None:
        self.failed[act.rule] = why
        self._told.came_to(act, FAILED, detail)
        log.debug("a rule failed", extra={"rule": act.rule, "action": act.kind, "reason": detail})
