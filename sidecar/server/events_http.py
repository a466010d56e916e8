"""POST /v1/events."""

import json
from typing import Any

from fastapi import APIRouter, Request, Response

from sidecar.server.bodies import body_of, refusal, unpacked
from sidecar.server.events_conversion import json_of
from sidecar.server.events_endpoint import EventsEndpoint

MULTI_STATUS = 207

TEXT = {"type": "string", "maxLength": 128}
TEXTS = ("application", "action_name", "client_id", "user_id", "session_id", "query_id")
EVENT_SCHEMA: dict[str, Any] = {
    "title": "UbiEvent",
    "description": "An event of OpenSearch's User Behavior Insights. Other fields are passed over.",
    "type": "object",
    "required": ["action_name"],
    "properties": {
        **dict.fromkeys(TEXTS, TEXT),
        "event_id": {**TEXT, "description": "The sender's own id of the event."},
        "timestamp": {"description": "ISO 8601, or milliseconds since 1970.", "type": ["string", "number"]},
        "consent": {"type": "boolean", "description": "false: neither learned from nor kept."},
        "event_attributes": {
            "type": "object",
            "properties": {
                "object": {"type": "object", "properties": {"object_id": {"type": "string"}}},
                "position": {"type": "object", "properties": {"ordinal": {"type": "integer"}}},
                "dwell_time": {"type": "number", "description": "In seconds."},
            },
        },
    },
}
BODY = {
    "required": True,
    "content": {
        "application/json": {"schema": {"oneOf": [EVENT_SCHEMA, {"type": "array", "items": EVENT_SCHEMA}]}},
        "application/x-ndjson": {"schema": {"type": "string"}},
    },
}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "No event was refused; the accepted ones are on disk."},
    207: {"description": "The events in `refused` were; the others were taken."},
    400: {"description": "Nothing could be read."},
    413: {"description": "Too many events or bytes; nothing was taken."},
    429: {"description": "No room; nothing was taken. Try again after `Retry-After` seconds."},
    503: {"description": "Events cannot be kept at the moment; nothing was taken."},
}


def events_router(endpoint: EventsEndpoint, header: str) -> APIRouter:
    """The route. `header` marks a request as the shop's own; "": none does."""
    router = APIRouter()

    @router.post(
        "/v1/events",
        summary="Tell what shoppers did: one event, an array, or one a line (NDJSON)",
        openapi_extra={"requestBody": BODY},
        responses=ANSWERS,
    )
    async def events(request: Request) -> Response:
        try:
            body = await body_of(request, endpoint.max_body)
            encoding = request.headers.get("content-encoding", "")
            receipt = await endpoint.take_json(
                await unpacked(body, encoding, endpoint.max_body),
                peer=request.client.host if request.client else "",
                marked=bool(header) and header in request.headers,
            )
        except Exception as error:  # noqa: BLE001 - logged by the endpoint, told by the table of codes
            return refusal(error)
        status = MULTI_STATUS if receipt.refused else 200
        return Response(json.dumps(json_of(receipt)), status, media_type="application/json")

    return router
