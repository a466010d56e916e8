"""The gRPC listener: the contract, standard health, reflection."""

from collections.abc import Sequence
from typing import Protocol

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from sidecar.config.sidecar import Grpc
from sidecar.server.conversion import Contract
from sidecar.server.errors import BadRequest, code_of, message_of
from sidecar.server.rerank import RerankEndpoint
from sidecar.server.tls import grpc_credentials
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire

SERVICE = wire.DESCRIPTOR.services_by_name["Reranker"].full_name
EVERYTHING = ""
"""The health service's name for the server as a whole."""


class AnotherService(Protocol):
    """A service of the contract in a file of its own."""

    @property
    def name(self) -> str:
        """Its full name."""
        ...

    @property
    def handler(self) -> grpc.GenericRpcHandler:
        """What answers its calls."""
        ...


class GrpcEdge:
    """Listens from `start` to `stop`. Searches are answered at once; health says when they are good."""

    def __init__(
        self, settings: Grpc, endpoint: RerankEndpoint, services: Sequence[AnotherService] = ()
    ) -> None:
        """`services` are served beside the search's."""
        self._settings = settings
        self._endpoint = endpoint
        self._services = services
        self._health = health.aio.HealthServicer()
        limit = settings.max_message_mib * 1024 * 1024
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", limit),
                ("grpc.max_send_message_length", limit),
                # Two sidecars on one port would share its connections unnoticed.
                ("grpc.so_reuseport", 0),
                # Channels are kept warm by pings of the plugin; gRPC's default would end them as abuse.
                ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
                ("grpc.keepalive_permit_without_calls", 1),
            ]
        )
        self.address = ""

    async def start(self) -> None:
        """Opens the port, and sets `address`. Raises OSError where the port cannot be had."""
        self._add_services()
        host, port = self._settings.host, self._settings.port
        target = f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"
        try:
            if self._settings.tls is None:
                bound = self._server.add_insecure_port(target)
            else:
                bound = self._server.add_secure_port(target, grpc_credentials(self._settings.tls))
        except RuntimeError as error:
            raise OSError(f"gRPC cannot listen on {target}: is the port in use? ({error})") from error
        if bound == 0:
            raise OSError(f"gRPC cannot listen on {target}: is the port in use?")
        await self.set_serving(False)
        for service in self._services:
            # They do not wait for a scorer.
            await self._health.set(service.name, health_pb2.HealthCheckResponse.SERVING)
        await self._server.start()
        self.address = f"{target.rsplit(':', 1)[0]}:{bound}"

    async def set_serving(self, serving: bool) -> None:
        """What health answers, for the service and for the server as a whole."""
        status = health_pb2.HealthCheckResponse
        for name in (SERVICE, EVERYTHING):
            await self._health.set(name, status.SERVING if serving else status.NOT_SERVING)

    async def stop(self, grace: float) -> None:
        """Refuses new calls, waits for those in flight at most `grace` seconds, closes."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace)

    def _add_services(self) -> None:
        handler = grpc.unary_unary_rpc_method_handler(
            self._rerank,
            # Bytes come through: the size that they have is needed, and asking a message for it costs.
            request_deserializer=None,
            response_serializer=wire.RerankResponse.SerializeToString,
        )
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, {"Rerank": handler}),)
        )
        self._server.add_generic_rpc_handlers(tuple(service.handler for service in self._services))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if self._settings.reflection:
            served = (SERVICE, *(service.name for service in self._services))
            names = (*served, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name)
            reflection.enable_server_reflection((*names, reflection.SERVICE_NAME), self._server)

    async def _rerank(
        self, sent: bytes, context: "grpc.aio.ServicerContext[bytes, wire.RerankResponse]"
    ) -> wire.RerankResponse:
        try:
            return await self._endpoint.answer(
                sent, _read, Contract.answer_of, edge="grpc", time_left=context.time_remaining()
            )
        except Exception as error:  # noqa: BLE001 - logged by the endpoint, told by the table of codes
            return await context.abort(code_of(error).grpc, message_of(error))  # type: ignore[no-any-return]


def _read(sent: bytes) -> wire.RerankRequest:
    try:
        return wire.RerankRequest.FromString(sent)
    except DecodeError as error:
        raise BadRequest(
            "request", "the bytes are no RerankRequest, or hold text that is not UTF-8"
        ) from error
