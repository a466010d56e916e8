"""Published rules in memory: for tests and demonstrations."""

import threading
import time
from collections.abc import Callable, Sequence

from sidecar.rules.release import Kept, Release, released
from sidecar.rules.release_store import PublishConflict


class MemoryReleases:
    """Versions of one process; gone with it."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.kept: list[Kept] = []

    def latest(self) -> Kept | None:
        return self.kept[-1] if self.kept else None

    def get(self, number: int) -> Kept | None:
        return self.kept[number - 1] if 1 <= number <= len(self.kept) else None

    def history(self, limit: int) -> Sequence[Kept]:
        return self.kept[::-1][:limit]

    def newer_than(self, number: int) -> Kept | None:
        return self.kept[-1] if len(self.kept) > number else None

    def publish(
        self, rules: str, *, who: str, why: str, expected: int, rolled_back_to: int | None = None
    ) -> Release:
        with self._lock:
            if len(self.kept) != expected:
                raise PublishConflict(expected + 1)
            release = released(
                self.get(expected),
                rules,
                who=who,
                why=why,
                when=self._clock(),
                rolled_back_to=rolled_back_to,
            )
            self.kept.append(release)
            return release

    def close(self) -> None:
        """Nothing to give back."""
