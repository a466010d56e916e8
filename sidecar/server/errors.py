"""What the edges answer when they refuse, and the one table of codes.

Errors:

    EdgeError                 the message is for the caller
    ├── BadRequest            a field is wrong; the message names it and the limit
    │   └── TooLarge          the message as a whole is beyond its limit
    ├── Unauthorized          no token, or a wrong one
    ├── Overloaded            too many searches in flight; try again
    ├── NoRoom                too many events wait; none was taken; try again
    ├── EventsUnavailable     events cannot be kept; none was taken
    └── EventsFailed          a fault of ours while events were taken; details go to the log only
    anything else             a generic message; details go to the log only
"""

from dataclasses import dataclass
from http import HTTPStatus

from grpc import StatusCode


class EdgeError(Exception):
    """A refusal whose message is meant for the caller."""


class BadRequest(EdgeError):
    """A field is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class TooLarge(BadRequest):
    """The message as a whole is beyond its limit."""


class Unauthorized(EdgeError):
    """No token, or a wrong one."""


class Overloaded(EdgeError):
    """Too many searches in flight."""


class NoRoom(EdgeError):
    """Too many events wait. Try again in `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EventsUnavailable(EdgeError):
    """Events cannot be kept at the moment."""


class EventsFailed(EdgeError):
    """A fault of ours while events were taken."""


@dataclass(frozen=True, slots=True)
class Code:
    """How both edges and the metrics name one kind of error."""

    outcome: str
    grpc: StatusCode
    http: HTTPStatus


CODES: dict[type[EdgeError], Code] = {
    TooLarge: Code("too_large", StatusCode.INVALID_ARGUMENT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    BadRequest: Code("bad_request", StatusCode.INVALID_ARGUMENT, HTTPStatus.BAD_REQUEST),
    Unauthorized: Code("unauthorized", StatusCode.UNAUTHENTICATED, HTTPStatus.UNAUTHORIZED),
    Overloaded: Code("overloaded", StatusCode.RESOURCE_EXHAUSTED, HTTPStatus.SERVICE_UNAVAILABLE),
    NoRoom: Code("no_room", StatusCode.RESOURCE_EXHAUSTED, HTTPStatus.TOO_MANY_REQUESTS),
    EventsUnavailable: Code("unavailable", StatusCode.UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE),
    EventsFailed: Code("internal_error", StatusCode.INTERNAL, HTTPStatus.INTERNAL_SERVER_ERROR),
}
UNKNOWN = Code("internal_error", StatusCode.INTERNAL, HTTPStatus.INTERNAL_SERVER_ERROR)

GENERIC_MESSAGE = "The search could not be ranked; the sidecar's log says why."


def code_of(error: BaseException) -> Code:
    """The codes for an error, by its class or the nearest above it."""
    for kind in type(error).__mro__:
        if kind in CODES:
            return CODES[kind]
    return UNKNOWN


def message_of(error: BaseException) -> str:
    """What the caller may read."""
    return str(error) if isinstance(error, EdgeError) else GENERIC_MESSAGE
