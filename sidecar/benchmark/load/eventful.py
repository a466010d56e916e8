"""A run in the middle of which something happens: figures before, during and after."""

from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.benchmark.load.events import Event
from sidecar.benchmark.load.goodput import Goodput, seconds_until_full, shares_in_full
from sidecar.benchmark.load.outcome import Outcome

AFTERMATH_S = 5.0
"""So long after an event's end still counts as during it."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event; `back` are the seconds until searches were reranked in full again, None if never."""

    event: Event
    back: float | None


@dataclass(frozen=True, slots=True)
class Eventful:
    """Figures of the whole run and its parts; `shares`: the share reranked in full by half a second."""

    name: str
    rate: float
    seconds: float
    whole: Goodput
    before: Goodput
    during: Goodput
    after: Goodput
    happened: Sequence[Happened]
    shares: Sequence[float | None]


def eventful(
    name: str, rate: float, outcomes: Sequence[Outcome], seconds: float, events: Sequence[Event]
) -> Eventful:
    """`events` have happened; during lasts from the first one's start until some seconds after all ended."""
    first = min(event.at for event in events)
    last = min(seconds, max(event.at + (event.took or 0.0) for event in events) + AFTERMATH_S)

    def part(start: float, end: float) -> Goodput:
        return Goodput.of([one for one in outcomes if start <= one.intended < end], max(end - start, 1e-9))

    return Eventful(
        name,
        rate,
        seconds,
        Goodput.of(outcomes, seconds),
        part(0.0, first),
        part(first, last),
        part(last, seconds),
        [Happened(event, seconds_until_full(outcomes, seconds, event.at)) for event in events],
        shares_in_full(outcomes, seconds),
    )
