"""A model that its server has lost, or whose process is dead, is loaded again."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from sidecar.ranking.relevance.scorer import ScorerError, ScorerModelLost
from sidecar.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 60.0
JITTER = 0.3
"""Seconds at most before a load, so that many sidecars do not ask for the same one at once."""


class LoadAgain:
    """Has a lost model loaded again, at most once in a pause that doubles until the model answers.

    Nothing else is mended: a server that is gone, full or slow would not get better by loading.
    """

    def __init__(self, load: Callable[[], Awaitable[None]], metrics: Metrics) -> None:
        """`load` raises whatever it likes where the server refuses."""
        self._load = load
        self._metrics = metrics
        self._pause = FIRST_PAUSE
        self._not_before = 0.0

    async def consider(self, error: ScorerError) -> None:
        """See `Repair`."""
        if not isinstance(error, ScorerModelLost) or time.monotonic() < self._not_before:
            return
        await asyncio.sleep(random.uniform(0, JITTER))  # noqa: S311
        log.warning("the model is lost; having it loaded again: %s", error)
        started = time.monotonic()
        try:
            await self._load()
        except Exception as refused:  # noqa: BLE001 - it is tried again later, and told
            self._metrics.repairs.labels("failed").inc()
            log.warning("the model cannot be loaded again: %s", refused)
        else:
            self._metrics.repairs.labels("loaded").inc()
            log.info("the model was loaded again", extra={"seconds": round(time.monotonic() - started, 1)})
        self._not_before = time.monotonic() + self._pause
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)

    def mended(self) -> None:
        """See `Repair`."""
        self._pause, self._not_before = FIRST_PAUSE, 0.0
