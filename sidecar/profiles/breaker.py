"""A store that failed several times in a row is left alone for a moment, so that nobody waits for it."""

import time
from collections.abc import Callable


class Breaker:
    """Lets calls through until `failures` of them failed in a row; then one every `pause` seconds."""

    def __init__(
        self, failures: int = 5, pause: float = 0.25, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._failed = 0
        self._next = 0.0

    def allows(self) -> bool:
        """Whether to call now. While it is open, each True is the one call that may try for this pause."""
        if self._failed < self._most:
            return True
        now = self._clock()
        if now < self._next:
            return False
        self._next = now + self._pause
        return True

    def failed(self) -> None:
        """A call failed."""
        self._failed += 1
        if self._failed == self._most:
            self._next = self._clock() + self._pause

    def worked(self) -> None:
        """A call was answered in time."""
        self._failed = 0
