"""The events' parts of both edges."""

from dataclasses import dataclass

from fastapi import APIRouter

from sidecar.feedback.intake import Intake
from sidecar.server.events_endpoint import EventsEndpoint
from sidecar.server.events_grpc import EventsService
from sidecar.server.events_http import events_router


@dataclass(frozen=True, slots=True)
class EventEdges:
    """`router` goes to `http_app(routers=[…])`, `service` to `GrpcEdge(services=[…])`."""

    router: APIRouter
    service: EventsService


def event_edges(intake: Intake) -> EventEdges:
    """What takes events in over HTTP and gRPC, all into one intake."""
    endpoint, header = EventsEndpoint(intake), intake.settings.ignored.header
    return EventEdges(events_router(endpoint, header), EventsService(endpoint, header))
