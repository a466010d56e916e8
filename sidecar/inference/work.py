"""The unique texts that a few jobs need embedded, and how far that got."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .job import Job
from .vector_cache import VectorCache, digest


class Work:
    """Texts without repeats in the order of need, each with the jobs that wait for it.

    `rows` [m, d] has the vector of each text that is `known`.
    """

    def __init__(self, jobs: Sequence[Job], dimensions: int, dtype: np.dtype[np.floating]) -> None:
        self._jobs = jobs
        self._running = set(range(len(jobs)))
        self._waiting: list[set[int]] = []
        self._keys: list[bytes] = []
        self._groups: list[tuple[range, VectorCache]] = []
        self.texts: list[str] = []
        self.rows: NDArray[np.floating] = np.empty((0, dimensions), dtype=dtype)
        self.known: NDArray[np.bool_] = np.empty(0, dtype=np.bool_)

    def add(self, wanted: Sequence[tuple[int, str]], cache: VectorCache) -> list[int]:
        """Adds a group of (job, text) after those already there; answers each one's item number.

        What the cache holds is known at once.
        """
        start = len(self.texts)
        number: dict[str, int] = {}
        items = []
        for job, text in wanted:
            item = number.get(text)
            if item is None:
                item = number[text] = start + len(number)
                self.texts.append(text)
                self._keys.append(digest(text))
                self._waiting.append(set())
            self._waiting[item].add(job)
            items.append(item)
        group = range(start, len(self.texts))
        rows = np.empty((len(group), self.rows.shape[1]), dtype=self.rows.dtype)
        known = cache.fill(self._keys[start:], rows)
        self.rows = np.concatenate([self.rows, rows])
        self.known = np.concatenate([self.known, known])
        self._groups.append((group, cache))
        return items

    def blocks(self, size: int) -> Iterator[list[int]]:
        """The unknown items in order, `size` at a time and groups apart, until nobody waits for more."""
        for group, _ in self._groups:
            missing = [item for item in group if not self.known[item]]
            for start in range(0, len(missing), size):
                block = self.still_wanted(missing[start : start + size])
                if block:
                    yield block

    def still_wanted(self, items: Sequence[int]) -> list[int]:
        """Those items that a job waits for whose time has not run out. Polls each `should_stop` once."""
        self._running = {job for job in self._running if not self._jobs[job].should_stop()}
        return [item for item in items if not self._running.isdisjoint(self._waiting[item])]

    def done(self, items: Sequence[int], rows: NDArray[np.float32]) -> None:
        """Takes the vectors of `items` and keeps them for later jobs."""
        self.rows[items] = rows
        self.known[items] = True
        cache = next(cache for group, cache in self._groups if items[0] in group)
        cache.put([self._keys[item] for item in items], self.rows[items])
