"""The events' messages ↔ the domain."""

import math
from typing import Any

from sidecar.domain.search import Consent
from sidecar.feedback.intake import Receipt
from sidecar.feedback.told import Told, Wrong
from sidecar.wire.reshelf.v1 import events_pb2 as wire


def told_of(event: wire.UbiEvent, object_field: str) -> Told:
    """What a message tells. Raises Wrong."""
    attributes = event.event_attributes
    told = Told(
        action=event.action_name,
        application=event.application,
        client_id=event.client_id,
        user_id=event.user_id,
        session_id=event.session_id,
        query_id=event.query_id,
        id=event.event_id,
        object_id=getattr(attributes.object, object_field),
        dwell=attributes.dwell_time,
        ip=attributes.ip,
        user_agent=attributes.browser,
    )
    if not 0 <= told.dwell < math.inf:  # also for NaN
        raise Wrong("event_attributes.dwell_time", f"{told.dwell} is no time in seconds")
    if event.HasField("timestamp"):
        told.time = event.timestamp.seconds + event.timestamp.nanos / 1e9
    if attributes.position.HasField("ordinal"):
        told.ordinal = attributes.position.ordinal
    if event.HasField("consent"):
        told.consent = Consent.GRANTED if event.consent else Consent.DENIED
    return told


def answer_of(receipt: Receipt) -> wire.SendEventsResponse:
    """A receipt as a message."""
    answer = wire.SendEventsResponse(
        accepted=receipt.accepted, repeated=receipt.repeated, ignored=receipt.ignored
    )
    for one in receipt.refused:
        answer.refused.add(index=one.index, field=one.field, reason=one.reason)
    return answer


def json_of(receipt: Receipt) -> dict[str, Any]:
    """A receipt as JSON, with the message's names."""
    return {
        "accepted": receipt.accepted,
        "repeated": receipt.repeated,
        "ignored": dict(receipt.ignored),
        "refused": [
            {"index": one.index, "field": one.field, "reason": one.reason} for one in receipt.refused
        ],
    }
