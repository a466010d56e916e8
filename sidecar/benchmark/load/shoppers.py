"""Shoppers who search for what Zipf's law says, when Poisson's says."""

import asyncio
import time
from collections.abc import Callable, Sequence

from sidecar.benchmark.load.grpc_client import SidecarClient
from sidecar.benchmark.load.open_loop import open_loop
from sidecar.benchmark.load.outcome import Outcome
from sidecar.benchmark.load.searches import StoredSearches
from sidecar.benchmark.load.traffic import arrivals, zipf_choices


class Shoppers:
    """Searches at any rate; every run draws its own, from the same queries."""

    def __init__(self, searches: StoredSearches, queries: Sequence[str], exponent: float, seed: int) -> None:
        self._searches = searches
        self._queries = queries
        self._exponent = exponent
        self._seed = seed
        self._runs = 0

    def request(self, number: int) -> bytes:
        """The search of a query's number."""
        return self._searches.request(self._queries[number])

    def drawn(self, count: int) -> list[int]:
        """The queries of that many searches of earlier traffic."""
        return [int(n) for n in zipf_choices(len(self._queries), self._exponent, count, self._seed - 1)]

    async def run(
        self,
        client: SidecarClient,
        rate: float,
        seconds: float,
        deadline: float,
        beside: Callable[[float], Sequence[asyncio.Task[None]]] = lambda _: (),
    ) -> list[Outcome]:
        """Open loop for `seconds`; `beside` starts what happens meanwhile, told when the run starts."""
        self._runs += 1
        seed = self._seed + self._runs
        due = arrivals(rate, seconds, seed)
        chosen = zipf_choices(len(self._queries), self._exponent, len(due), seed).tolist()
        for number in set(chosen):  # made before the clock runs
            self.request(number)
        tasks = beside(time.monotonic())
        outcomes = await open_loop(client.send, due.tolist(), chosen, deadline)
        for task in tasks:
            await task
        return outcomes
