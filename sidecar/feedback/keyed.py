"""Events without ids: what is kept of them."""

from typing import Protocol

from sidecar.domain.event import Event, KeyedEvent
from sidecar.domain.search import Consent

NOBODY = b""


class EventKeys(Protocol):
    """Keys of 16 bytes that a secret makes of ids; profiles/keying.py has them."""

    def client(self, id_: str) -> bytes: ...

    def user(self, id_: str) -> bytes: ...

    def query(self, id_: str) -> bytes: ...


def keyed(event: Event, keys: EventKeys, *, consent_required: bool, now: float) -> KeyedEvent:
    """The event as it is kept. A time in the (allowed) future becomes `now`.

    Without the consent that is required nothing says whose event it is. A shopper who denied it has no
    business here at all: the intake ignores such events.
    """
    shopper = event.shopper
    remembered = shopper.consent is Consent.GRANTED or (
        shopper.consent is Consent.UNSPECIFIED and not consent_required
    )
    return KeyedEvent(
        # No query id begins so: a digest and a query's key have nothing in common.
        digest=keys.query(f"\0event\0{_content(event)}"),
        kind=event.kind,
        time=min(event.time, now),
        query=keys.query(event.query_id) if event.query_id else NOBODY,
        client=keys.client(shopper.client_id) if remembered and shopper.client_id else NOBODY,
        user=keys.user(shopper.user_id) if remembered and shopper.user_id else NOBODY,
        object_id=event.object_id,
        position=event.position,
        dwell=event.dwell,
    )


def _content(event: Event) -> str:
    """What makes two deliveries one event: the sender's id of it, else all that it says."""
    if event.id:
        return f"id\0{event.application}\0{event.id}"
    shopper = event.shopper
    parts = (event.application, event.action, shopper.client_id, shopper.user_id, shopper.session_id)
    # Milliseconds: what a time as text and the same one as a number agree on.
    numbers = (round(event.time * 1000), event.position, round(event.dwell * 1000))
    return "\0".join(("content", *parts, event.query_id, event.object_id, *map(str, numbers)))
