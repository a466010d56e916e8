"""How many searches may be in flight."""

from types import TracebackType

from sidecar.server.errors import Overloaded
from sidecar.telemetry.metrics import Metrics


class Admission:
    """`with admission:` lets a search in or raises Overloaded. For one event loop."""

    def __init__(self, max_in_flight: int, metrics: Metrics) -> None:
        self._max = max_in_flight
        self._metrics = metrics
        self.in_flight = 0

    def __enter__(self) -> None:
        if self.in_flight >= self._max:
            raise Overloaded(f"{self._max} searches are in flight already; try again")
        self.in_flight += 1
        self._metrics.in_flight.inc()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.in_flight -= 1
        self._metrics.in_flight.dec()
