"""One request on either edge: let in, read, rank, count."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sidecar.domain.ranking import Ranking
from sidecar.domain.search import Search
from sidecar.server.admission import Admission
from sidecar.server.conversion import Contract
from sidecar.server.errors import EdgeError, code_of
from sidecar.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Rerank = Callable[[Search], Awaitable[Ranking]]


class RerankEndpoint:
    """What the gRPC and the HTTP edge share. Raises EdgeError for the caller; logs everything else."""

    def __init__(self, rerank: Rerank, contract: Contract, admission: Admission, metrics: Metrics) -> None:
        self._rerank = rerank
        self._contract = contract
        self._admission = admission
        self._metrics = metrics
        self._total = metrics.latency.labels("total")

    async def answer(
        self,
        sent: bytes,
        read: Callable[[bytes], Any],
        write: Callable[[Any, Ranking], Answer],
        *,
        edge: str,
        time_left: float | None = None,
    ) -> Answer:
        """What `write` makes of a request and its ranking.

        `read` makes a message of the contract of the request as it came. `time_left` is what remains of the
        caller's own deadline, in seconds.
        """
        arrived = time.perf_counter()
        outcome = "ok"
        try:
            with self._admission:
                request = read(sent)
                search = self._contract.search_of(request, size=len(sent), time_left=time_left)
                ranking = await self._rerank(search)
            ranking.took = time.perf_counter() - arrived
            return write(request, ranking)
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except Exception as error:
            outcome = code_of(error).outcome
            if not isinstance(error, EdgeError):
                log.exception("a search failed")
            raise
        finally:
            self._metrics.requests.labels(edge, outcome).inc()
            self._total.observe(time.perf_counter() - arrived)
