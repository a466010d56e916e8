"""Sends stored searches to a sidecar as the plugin would."""

import zlib
from collections.abc import Callable
from types import TracebackType
from typing import Self

import grpc

from sidecar.benchmark.load.outcome import Answer
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire

METHOD = "/reshelf.v1.Reranker/Rerank"
NOT_MISSED = frozenset({"truncated_text", "truncated_query"})
"""Reasons in `skipped` that are no lack of ranking."""


class SidecarClient:
    """One channel; to be used inside one event loop."""

    def __init__(self, address: str, request: Callable[[int], bytes]) -> None:
        """`request` answers the bytes of the query of that number."""
        self._channel = grpc.aio.insecure_channel(address)
        # Bytes out: the searches are made before the clock runs.
        self._call = self._channel.unary_unary(METHOD, None, wire.RerankResponse.FromString)
        self._request = request

    async def send(self, query: int, deadline: float) -> Answer:
        """See `open_loop.Send`."""
        try:
            found = await self._call(self._request(query), timeout=deadline)
        except grpc.aio.AioRpcError as error:
            if error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
                raise TimeoutError(error.details()) from error
            raise OSError(f"{error.code().name}: {error.details()}") from error
        reasons = tuple(skip.reason for skip in found.skipped if skip.reason not in NOT_MISSED)
        models = frozenset(value for name, value in found.versions.items() if name.startswith("model"))
        ranks = list(found.ranked.ranks) or [hit.rank for hit in found.hits]
        order = zlib.crc32(str(ranks).encode())
        return Answer(found.reranked and not reasons, reasons, models, order)

    async def __aenter__(self) -> Self:
        await self._channel.channel_ready()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._channel.close()
