"""The service `reshelf.v1.Events`."""

import grpc

from sidecar.server.errors import NoRoom, code_of, message_of
from sidecar.server.events_conversion import answer_of
from sidecar.server.events_endpoint import EventsEndpoint
from sidecar.wire.reshelf.v1 import events_pb2 as wire

SERVICE = wire.DESCRIPTOR.services_by_name["Events"].full_name
PUSHBACK = "grpc-retry-pushback-ms"
"""gRPC's own clients obey it where their service config asks them to retry."""


class EventsService:
    """Serves the contract's events; `handler` goes to the server."""

    name = SERVICE

    def __init__(self, endpoint: EventsEndpoint, header: str) -> None:
        """`header`: metadata that marks a call as the shop's own; "": none does."""
        self._endpoint = endpoint
        self._header = header

    @property
    def handler(self) -> grpc.GenericRpcHandler:
        """For `add_generic_rpc_handlers`."""
        method = grpc.unary_unary_rpc_method_handler(
            self._send,
            # Bytes come through, as they do for searches: their size is needed.
            request_deserializer=None,
            response_serializer=wire.SendEventsResponse.SerializeToString,
        )
        return grpc.method_handlers_generic_handler(SERVICE, {"Send": method})

    async def _send(
        self, sent: bytes, context: "grpc.aio.ServicerContext[bytes, wire.SendEventsResponse]"
    ) -> wire.SendEventsResponse:
        metadata = context.invocation_metadata() or ()
        marked = bool(self._header) and any(key == self._header for key, _ in metadata)
        try:
            receipt = await self._endpoint.take_message(sent, peer=_address(context.peer()), marked=marked)
            return answer_of(receipt)
        except Exception as error:  # noqa: BLE001 - logged by the endpoint, told by the table of codes
            trailers: tuple[tuple[str, str], ...] = ()
            if isinstance(error, NoRoom):
                trailers = ((PUSHBACK, str(round(error.retry_after * 1000))),)
            return await context.abort(  # type: ignore[no-any-return]
                code_of(error).grpc, message_of(error), trailers
            )


def _address(peer: str) -> str:
    """The address in gRPC's words for a caller: ipv4:127.0.0.1:5000, ipv6:%5B::1%5D:5000."""
    kind, _, rest = peer.partition(":")
    if kind not in ("ipv4", "ipv6"):
        return ""
    return rest.rpartition(":")[0].replace("%5B", "").replace("%5D", "").strip("[]")
