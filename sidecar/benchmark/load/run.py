"""The whole of the measurement under load, in the order in which it is told."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sidecar.benchmark.load.bed import LoadBed, own_bed
from sidecar.benchmark.load.eventful import Eventful, eventful
from sidecar.benchmark.load.events import Event, kill_model, run_event
from sidecar.benchmark.load.goodput import Goodput
from sidecar.benchmark.load.grpc_client import SidecarClient
from sidecar.benchmark.load.saturation import Saturation, saturate
from sidecar.benchmark.load.searches import StoredSearches
from sidecar.benchmark.load.shoppers import Shoppers

Tell = Callable[[str], None]

OFF, COLD, WARM = "caches off", "cold", "warm"
PATIENT_S = 30.0
STRANGERS = 40
"""Searches before anything is measured, of queries that never come again: connections, first calls."""
SETTLE_S = 1.0
FIRST_RATE, EVENTFUL_RATE = 1.0, 10.0
"""Searches a second where nothing else is wanted: of the first step, and of a run with events."""
HEAD_START = 4.0
"""The caches are worth at least so much: their first step is that many times the best without them."""


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


def measure_load(wanted: Wanted, searches: StoredSearches, running: LoadBed | None, tell: Tell) -> Found:
    """All arms for every exponent; against `running` only what it is, as it is.

    Raises StackError, ModelError, and ValueError for too few queries.
    """
    tell("making queries")
    run = _Run(wanted, searches, tell)
    for number, exponent in enumerate(wanted.exponents):
        for arm in wanted.arms:
            if arm == OFF and number:
                continue  # without caches it does not matter who asks for what
            tell(f"{arm}: starting")
            with own_bed(wanted.folder, wanted.cache, caches=arm != OFF, settings=wanted.settings) as bed:
                asyncio.run(run.arm(arm, f"{arm}, s = {exponent:g}", exponent, bed))
    if running is not None:
        asyncio.run(run.arm(WARM, "as it runs", wanted.exponents[0], running))
    return run.found


class _Run:
    """The arms, one after the other; `found` fills up."""

    def __init__(self, wanted: Wanted, searches: StoredSearches, tell: Tell) -> None:
        self.found = Found()
        self._wanted = wanted
        self._searches = searches
        self._queries = searches.queries(wanted.distinct, wanted.seed)
        self._strangers = searches.queries(STRANGERS, wanted.seed + 1)
        self._tell = tell

    async def arm(self, arm: str, name: str, exponent: float, bed: LoadBed) -> None:
        """One arm on a bed that was just started (or runs already)."""
        wanted = self._wanted
        await self._first_calls(bed, 1 if arm == COLD else STRANGERS)
        shoppers = Shoppers(self._searches, self._queries, exponent, wanted.seed)
        async with SidecarClient(bed.sidecar, shoppers.request) as client:
            if arm == WARM:
                self._tell(f"{name}: warming up")
                for number in dict.fromkeys(shoppers.drawn(wanted.warm)):
                    await client.send(number, PATIENT_S)
            if arm == WARM and wanted.events:
                self.found.eventful.append(await self._with_events(name, bed, shoppers, client))
                return

            async def step(rate: float) -> Goodput:
                self._tell(f"{name}: {rate:.1f} searches a second")
                outcomes = await shoppers.run(client, rate, wanted.step_seconds, wanted.deadline)
                await asyncio.sleep(SETTLE_S)
                return Goodput.of(outcomes, wanted.step_seconds)

            if arm == COLD:
                self.found.cold[name] = await step(wanted.rate or max(FIRST_RATE, 2 * self._best_without()))
                return
            head_start = HEAD_START * self._best_without() if arm == WARM else 0.0
            self.found.saturation[name] = await saturate(step, wanted.rate or max(FIRST_RATE, head_start))

    async def _first_calls(self, bed: LoadBed, count: int) -> None:
        asked = self._strangers[:count]
        async with SidecarClient(bed.sidecar, lambda number: self._searches.request(asked[number])) as client:
            for number in range(count):
                await client.send(number, PATIENT_S)

    async def _with_events(
        self, name: str, bed: LoadBed, shoppers: Shoppers, client: SidecarClient
    ) -> Eventful:
        wanted = self._wanted
        rate = wanted.rate or EVENTFUL_RATE
        self._tell(f"{name}: events at {rate:.1f} searches a second")
        events = [replace(event) for event in wanted.events]

        def kill() -> None:
            kill_model(bed.triton_pid())

        def beside(start: float) -> list[asyncio.Task[None]]:
            return [asyncio.create_task(run_event(event, start, bed.environment, kill)) for event in events]

        outcomes = await shoppers.run(client, rate, wanted.event_seconds, wanted.deadline, beside)
        return eventful(name, rate, outcomes, wanted.event_seconds, events)

    def _best_without(self) -> float:
        """The best goodput with the caches off, where that was measured."""
        known = self.found.saturation.items()
        return max((figures.best for name, figures in known if name.startswith(OFF)), default=0.0)
