"""The whole of the measurement under load, in the order in which it is told."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sidecar.benchmark.load.bed import LoadBed, own_bed
from sidecar.benchmark.load.eventful import Eventful, eventful
from sidecar.benchmark.load.events import Event, kill_model, run_event
from sidecar.benchmark.load.goodput import Goodput
from sidecar.benchmark.load.grpc_client import SidecarClient
from sidecar.benchmark.load.open_loop import open_loop
from sidecar.benchmark.load.outcome import Outcome
from sidecar.benchmark.load.saturation import Saturation, saturate
from sidecar.benchmark.load.searches import StoredSearches
from sidecar.benchmark.load.traffic import arrivals, zipf_choices

Tell = Callable[[str], None]

OFF, COLD, WARM = "caches off", "cold", "warm"
PATIENT_S = 30.0
STRANGERS = 40
"""Searches before anything is measured, of queries that never come again: connections, first calls."""
SETTLE_S = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is measured. `deadline` in seconds; `warm`: searches of earlier traffic whose queries are known to
    the warm caches; `rate`: the first step's, and the cold and eventful runs' where it is given."""

    deadline: float
    exponents: Sequence[float]
    distinct: int
    step_seconds: float
    warm: int
    arms: Sequence[str]
    rate: float | None
    events: Sequence[Event]
    event_seconds: float
    seed: int
    folder: Path
    cache: Path
    settings: Mapping[str, Any]


@dataclass(slots=True)
class Found:
    """The figures: steps by arm, the cold run, the run with events."""

    saturation: dict[str, Saturation] = field(default_factory=dict)
    cold: dict[str, Goodput] = field(default_factory=dict)
    eventful: list[Eventful] = field(default_factory=list)


class Traffic:
    """Zipf's searches at any rate; every run draws its own, from the same queries."""

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


def measure_load(wanted: Wanted, searches: StoredSearches, running: LoadBed | None, tell: Tell) -> Found:
    """All arms for every exponent; against `running` only what it is, as it is.

    Raises StackError, ModelError, and ValueError for too few queries.
    """
    tell("making queries")
    queries = searches.queries(wanted.distinct, wanted.seed)
    strangers = searches.queries(STRANGERS, wanted.seed + 1)
    found = Found()
    for number, exponent in enumerate(wanted.exponents):
        for arm in wanted.arms:
            if arm == OFF and number:
                continue  # without caches it does not matter who asks for what
            traffic = Traffic(searches, queries, exponent, wanted.seed)
            name = f"{arm}, s = {exponent:g}"
            bed: AbstractContextManager[LoadBed] = own_bed(
                wanted.folder, wanted.cache, caches=arm != OFF, settings=wanted.settings
            )
            tell(f"{name}: starting")
            with bed as at:
                asyncio.run(_arm(arm, name, wanted, at, traffic, strangers, searches, found, tell))
    if running is not None:
        traffic = Traffic(searches, queries, wanted.exponents[0], wanted.seed)
        asyncio.run(_arm(WARM, "as it runs", wanted, running, traffic, strangers, searches, found, tell))
    return found


async def _arm(
    arm: str,
    name: str,
    wanted: Wanted,
    bed: LoadBed,
    traffic: Traffic,
    strangers: Sequence[str],
    searches: StoredSearches,
    found: Found,
    tell: Tell,
) -> None:
    async with SidecarClient(bed.sidecar, lambda number: searches.request(strangers[number])) as client:
        for number in range(len(strangers)):
            await client.send(number, PATIENT_S)
    async with SidecarClient(bed.sidecar, traffic.request) as client:
        if arm == WARM:
            tell(f"{name}: warming up")
            for number in dict.fromkeys(traffic.drawn(wanted.warm)):
                await client.send(number, PATIENT_S)

        async def step(rate: float) -> Goodput:
            tell(f"{name}: {rate:.1f} searches a second")
            outcomes = await traffic.run(client, rate, wanted.step_seconds, wanted.deadline)
            await asyncio.sleep(SETTLE_S)
            return Goodput.of(outcomes, wanted.step_seconds)

        if arm == COLD:
            rate = wanted.rate or 2 * max(1.0, _best(found, OFF))
            found.cold[name] = await step(rate)
            return
        first = wanted.rate or max(1.0, _best(found, OFF))
        if not wanted.events or arm == OFF:
            found.saturation[name] = await saturate(step, first)
        if arm == WARM and wanted.events:
            tell(f"{name}: events")
            found.eventful.append(await _with_events(name, wanted, bed, traffic, client, first))


async def _with_events(
    name: str, wanted: Wanted, bed: LoadBed, traffic: Traffic, client: SidecarClient, rate: float
) -> Eventful:
    events = [replace(event) for event in wanted.events]

    def beside(start: float) -> list[asyncio.Task[None]]:
        return [
            asyncio.create_task(
                run_event(event, start, bed.environment, lambda: kill_model(bed.triton_pid()))
            )
            for event in events
        ]

    outcomes = await traffic.run(client, rate, wanted.event_seconds, wanted.deadline, beside)
    return eventful(name, rate, outcomes, wanted.event_seconds, events)


def _best(found: Found, arm: str) -> float:
    return max(
        (figures.best for name, figures in found.saturation.items() if name.startswith(arm)), default=0.0
    )
