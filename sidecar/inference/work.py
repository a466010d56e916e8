"""The unique texts (or pairs) that a few jobs need put through a network, and how far that got."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .job import Job
from .network import Item, Network
from .vector_cache import VectorCache, digest


class Work:
    """Items without repeats in the order of need, each with the jobs that wait for it.

    `rows` [m, width] has the network's answer for each item that is `known`.
    """

    def __init__(
        self, jobs: Sequence[Job], network: Network, width: int, dtype: "np.dtype[np.floating]"
    ) -> None:
        self.network = network
        self._jobs = jobs
        self._tokens: dict[int, float] = {}
        self._waiting: list[set[int]] = []
        self._groups: list[tuple[range, VectorCache | None]] = []
        self.items: list[Item] = []
        self.rows: NDArray[np.floating] = np.empty((0, width), dtype=dtype)
        self.known: NDArray[np.bool_] = np.empty(0, dtype=np.bool_)

    def add(
        self, wanted: Sequence[Sequence[Item]], cache: VectorCache | None = None
    ) -> list[NDArray[np.int64]]:
        """Adds a group: each job's items, best first; answers each job's item numbers.

        They come after those already there, the best of all jobs first. What the cache (for texts only)
        holds is known at once.
        """
        self._tokens.update((job, np.inf) for job, items in enumerate(wanted) if len(items))
        start = len(self.items)
        number: dict[Item, int] = {}
        numbers = [np.empty(len(items), dtype=np.int64) for items in wanted]
        for rank, job in sorted(
            (rank, job) for job, items in enumerate(wanted) for rank in range(len(items))
        ):
            item = wanted[job][rank]
            place = number.get(item)
            if place is None:
                place = number[item] = start + len(number)
                self.items.append(item)
                self._waiting.append(set())
            self._waiting[place].add(job)
            numbers[job][rank] = place
        group = range(start, len(self.items))
        rows = np.empty((len(group), self.rows.shape[1]), dtype=self.rows.dtype)
        known = np.zeros(len(group), dtype=np.bool_)
        if cache is not None:
            known = cache.fill(self._keys(group), rows)
        self.rows = np.concatenate([self.rows, rows])
        self.known = np.concatenate([self.known, known])
        self._groups.append((group, cache))
        return numbers

    def blocks(self, size: int) -> Iterator[list[int]]:
        """The unknown items in order, `size` at a time and groups apart, until nobody waits for more."""
        for group, _ in self._groups:
            missing = [item for item in group if not self.known[item]]
            for start in range(0, len(missing), size):
                self._look()
                block = [item for item in missing[start : start + size] if self._allowed(item) > 0]
                if block:
                    yield block

    def in_time(self, numbers: Sequence[int], lengths: Mapping[int, int]) -> list[int]:
        """Those items, `lengths` tokens long, that would be known in time for a job that waits for them.

        Asks each job once how much time it has left.
        """
        self._look()
        return [item for item in numbers if self._allowed(item) >= lengths[item]]

    def fitting(self, numbers: Sequence[int], lengths: Mapping[int, int]) -> list[int]:
        """As many of the first of them as can go together, by what `in_time` found: at least one."""
        allowed = self._allowed(numbers[0])
        longest = lengths[numbers[0]]
        for count, item in enumerate(numbers[1:], 1):
            allowed, longest = min(allowed, self._allowed(item)), max(longest, lengths[item])
            if (count + 1) * longest > allowed:
                return list(numbers[:count])
        return list(numbers)

    def _look(self) -> None:
        """How large a micro-batch each job has time for, in tokens; jobs without time are not asked again."""
        left = {job: self._jobs[job].left() for job in self._tokens}
        self._tokens = {
            job: self.network.pace.tokens(seconds) for job, seconds in left.items() if seconds > 0
        }

    def _allowed(self, item: int) -> float:
        return max((self._tokens[job] for job in self._waiting[item] if job in self._tokens), default=-1.0)

    def done(self, numbers: Sequence[int], rows: NDArray[np.float32]) -> None:
        """Takes the answers for items of one group and keeps them for later jobs."""
        self.rows[numbers] = rows
        self.known[numbers] = True
        cache = next(cache for group, cache in self._groups if numbers[0] in group)
        if cache is not None:
            cache.put(self._keys(numbers), self.rows[numbers])

    def answers(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 [n, width] for n item numbers, NaN where not known."""
        rows = self.rows[numbers].astype(np.float32)
        rows[~self.known[numbers]] = np.nan
        return rows

    def _keys(self, numbers: Sequence[int]) -> list[bytes]:
        return [digest(str(self.items[item])) for item in numbers]
