"""The HTTP listener: the contract as JSON, health, metrics, documentation."""

import asyncio
import contextlib
import hmac
import json
import logging
import socket
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from sidecar import __version__
from sidecar.config.sidecar import Http
from sidecar.server.bodies import body_of, refusal
from sidecar.server.conversion import Contract
from sidecar.server.errors import EdgeError, Unauthorized
from sidecar.server.json_twin import RerankResponseJson, read_request, request_schema
from sidecar.server.rerank import RerankEndpoint

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

BEARER = HTTPBearer(auto_error=False, description="The token of `http.token_file` or RESHELF_HTTP__TOKEN.")


def http_app(
    settings: Http,
    token: str,
    endpoint: RerankEndpoint,
    registry: CollectorRegistry,
    is_ready: Callable[[], bool],
    routers: Sequence[APIRouter] = (),
    told: Callable[[], Mapping[str, str]] = dict,
) -> FastAPI:
    """The application. `token` empty: callers need none. Probes and documentation never need one.

    `routers` hold routes beside the search's; callers need the token for them. `told` is what a ready service
    says beside that it is.
    """
    app = FastAPIOffline(
        title="Reshelf sidecar",
        version=__version__,
        description="Orders the hits of a search. The same contract as gRPC's `reshelf.v1.Reranker`.",
        redoc_url=None,
    )
    app.add_exception_handler(EdgeError, _refused)
    max_body = settings.max_body_mib * 1024 * 1024

    async def with_token(given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> None:
        if token and (given is None or not hmac.compare_digest(given.credentials.encode(), token.encode())):
            raise Unauthorized("send the token as `Authorization: Bearer …`")

    @app.post(
        "/v1/rerank",
        summary="Order the candidates of one search",
        dependencies=[Depends(with_token)],
        response_model=RerankResponseJson,
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": request_schema()}}}
        },
    )
    async def rerank(request: Request) -> Response:
        try:
            body = await body_of(request, max_body)
            answer = await _while_connected(
                request, endpoint.answer(body, read_request, Contract.json_of, edge="http")
            )
        except Exception as error:  # noqa: BLE001 - logged by the endpoint, told by the table of codes
            return refusal(error)
        return Response(json.dumps(answer), media_type="application/json")

    for router in routers:
        app.include_router(router, dependencies=[Depends(with_token)])

    @app.get("/health/live", summary="The process answers")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/health/ready", summary="A canary has been scored lately", responses={503: {}})
    async def ready() -> JSONResponse:
        if is_ready():
            return JSONResponse({"status": "ready", **told()})
        return JSONResponse({"status": "not ready", "reason": "the scorer does not answer"}, 503)

    @app.get(
        "/metrics",
        summary="Figures for Prometheus",
        dependencies=[Depends(with_token)],
        response_class=PlainTextResponse,
    )
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app


class HttpEdge:
    """Serves the application in the running event loop, from `start` to `stop`."""

    def __init__(self, settings: Http, app: FastAPI) -> None:
        self._settings = settings
        tls = settings.tls
        self._server = _Uvicorn(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                ssl_certfile=tls.certificate if tls else None,
                ssl_keyfile=tls.key if tls else None,
                ssl_ca_certs=str(tls.client_ca) if tls and tls.client_ca else None,
                ssl_cert_reqs=2 if tls and tls.client_ca else 0,
            )
        )
        self._socket: socket.socket | None = None
        self.address = ""

    async def serve(self) -> None:
        """Runs until `stop`. `open` comes first."""
        if self._socket is None:
            raise RuntimeError("open() comes first")
        await self._server.serve(sockets=[self._socket])

    def open(self) -> None:
        """Takes the port, and sets `address`. Raises OSError where it cannot be had."""
        host, port = self._settings.host, self._settings.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            opened = socket.create_server((host.strip("[]"), port), family=family, backlog=2048)
        except OSError as error:
            raise OSError(f"HTTP cannot listen on {host}:{port}: {error.strerror}") from error
        scheme = "https" if self._settings.tls else "http"
        shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
        self.address = f"{scheme}://{shown}:{opened.getsockname()[1]}"
        self._socket = opened

    def stop(self, *, hurry: bool = False) -> None:
        """Lets requests in flight finish (or not, in a hurry), then ends `serve`."""
        self._server.should_exit = True
        self._server.force_exit = hurry

    def close(self) -> None:
        """Gives the port back, also when `serve` never ran."""
        if self._socket is not None:
            self._socket.close()


class _Uvicorn(uvicorn.Server):
    """Without signal handlers of its own: the service ends both edges."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _while_connected(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """The work's result; the work is cancelled when the caller hangs up."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(request.receive())
    try:
        # The body has been read: the next message can only be the caller's leaving.
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise asyncio.CancelledError
        return task.result()
    finally:
        gone.cancel()
        task.cancel()


async def _refused(_: Request, error: Exception) -> JSONResponse:
    return refusal(error)
