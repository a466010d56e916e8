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
        self.kept: dict[int, Kept] = {}

    def latest(self) -> Kept | None:
        return self.newer_than(0)

    def get(self, number: int) -> Kept | None:
        return self.kept.get(number)

    def history(self, limit: int) -> Sequence[Kept]:
        return [self.kept[number] for number in sorted(self.kept, reverse=True)[:limit]]

    def newer_than(self, number: int) -> Kept | None:
        newest = max(self.kept, default=0)
        return self.kept[newest] if newest > number else None

    def publish(
        self, rules: str, *, who: str, why: str, expected: int, rolled_back_to: int | None = None
    ) -> Release:
        with self._lock:
            if max(self.kept, default=0) != expected:
                raise PublishConflict(expected + 1)
            release = released(
                self.get(expected),
                rules,
                who=who,
                why=why,
                when=self._clock(),
                rolled_back_to=rolled_back_to,
            )
            self.kept[release.number] = release
            return release

    def prune(self, first: int) -> int:
        with self._lock:
            gone = [number for number in self.kept if number < min(first, max(self.kept))]
            for number in gone:
                del self.kept[number]
            return len(gone)

    def close(self) -> None:
        """Nothing to give back."""
