"""Keeps what was served off the request path, and readable at once."""

from collections.abc import Sequence

from sidecar.config.served import Served
from sidecar.served.log import ServedLog
from sidecar.taste.served_list import ServedList
from sidecar.telemetry.metrics import Metrics


class ServedWriter:
    """Between the searches, which never wait, and the log, which may."""

    def __init__(self, log: ServedLog, settings: Served, metrics: Metrics) -> None:
        self._log = log
        self._settings = settings
        self._metrics = metrics

    def add(self, served: ServedList) -> None:
        """Takes a list; never blocks. What does not fit is dropped and counted."""

    async def get(self, queries: Sequence[bytes]) -> list[ServedList | None]:
        """Each query's list, from memory or from the log. Raises ServedLogUnavailable."""
        return await self._log.get(queries)

    def forget(self, shoppers: Sequence[bytes]) -> None:
        """Drops what waits or is remembered of a shopper."""

    async def flush(self) -> None:
        """Writes what waits. Raises ServedLogUnavailable."""

    async def run(self) -> None:
        """Writes batch after batch and removes what has expired; for ever, as a task."""

    async def close(self) -> None:
        """Writes what waits, once, and closes the log."""
