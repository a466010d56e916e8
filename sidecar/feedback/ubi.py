"""Reads events of OpenSearch's User Behavior Insights as JSON.

Schema: https://github.com/o19s/ubi (event.request.schema.json); what real writers send differs: numbers as
text, times as ISO text or as milliseconds since 1970, and many fields of their own, which are passed over.
What is read here is read strictly.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sidecar.domain.search import Consent
from sidecar.feedback.told import Told, Wrong

ATTRIBUTES = "event_attributes"
DWELL = {"dwell_time": 1.0, "dwell": 1.0, "dwell_ms": 0.001}
"""Names of the time that a shopper stayed, and their unit in seconds."""

FIELDS = (
    *(
        "action_name",
        "application",
        "client_id",
        "consent",
        "event_id",
        "query_id",
        "session_id",
        "timestamp",
    ),
    "user_id",
    *(f"{ATTRIBUTES}.{name}" for name in ("browser", "consent", "ip", "session_id", "user_agent", *DWELL)),
    *(f"{ATTRIBUTES}.{name}" for name in ("object.internal_id", "object.object_id", "position.ordinal")),
)
"""All that is read of a document."""

MILLISECONDS_FROM = 1e11
"""Smaller numbers are seconds: as milliseconds they would be of 1973 or before."""

CONSENT = {
    True: Consent.GRANTED,
    False: Consent.DENIED,
    "true": Consent.GRANTED,
    "false": Consent.DENIED,
    "granted": Consent.GRANTED,
    "denied": Consent.DENIED,
}
NOTHING: Mapping[str, Any] = {}


def read_event(document: Any, object_field: str = "object_id") -> Told:
    """What one document tells. Raises Wrong naming the field that has the wrong type."""
    if not isinstance(document, dict):
        raise Wrong("", f"expected an object, found {_kind(document)}")
    attributes = _object(document, ATTRIBUTES, "")
    position = _object(attributes, "position", f"{ATTRIBUTES}.")
    about = _object(attributes, "object", f"{ATTRIBUTES}.")
    consent = _consent(document, "")
    if consent is not Consent.DENIED:
        consent = _consent(attributes, f"{ATTRIBUTES}.") or consent
    return Told(
        action=_text(document, "action_name"),
        time=_time(document.get("timestamp")),
        application=_text(document, "application"),
        client_id=_text(document, "client_id"),
        user_id=_text(document, "user_id"),
        session_id=_text(document, "session_id") or _text(attributes, "session_id", f"{ATTRIBUTES}."),
        query_id=_text(document, "query_id"),
        id=_text(document, "event_id"),
        object_id=_text(about, object_field, f"{ATTRIBUTES}.object."),
        ordinal=_ordinal(position.get("ordinal")),
        dwell=_dwell(attributes),
        consent=consent or Consent.UNSPECIFIED,
        ip=_text(attributes, "ip", f"{ATTRIBUTES}."),
        user_agent=_text(attributes, "browser", f"{ATTRIBUTES}.")
        or _text(attributes, "user_agent", f"{ATTRIBUTES}."),
    )


def _object(within: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
    found = within.get(name)
    if found is None:
        return NOTHING
    if not isinstance(found, dict):
        raise Wrong(path + name, f"expected an object, found {_kind(found)}")
    return found


def _text(within: Mapping[str, Any], name: str, path: str = "") -> str:
    found = within.get(name)
    if found is None:
        return ""
    if isinstance(found, str):
        return found
    # Product numbers and the like.
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    raise Wrong(path + name, f"expected text, found {_kind(found)}")


def _number(found: Any, field: str) -> float | None:
    if found is None or found == "":
        return None
    if isinstance(found, str):
        try:
            found = float(found)
        except ValueError:
            raise Wrong(field, "expected a number, found other text") from None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise Wrong(field, f"expected a number, found {_kind(found)}")
    try:
        number = float(found)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Wrong(field, "is not a finite number")
    return number


def _ordinal(found: Any) -> int | None:
    field = f"{ATTRIBUTES}.position.ordinal"
    number = _number(found, field)
    if number is None:
        return None
    if number != int(number):
        raise Wrong(field, f"{number} is no whole number")
    return int(number)


def _dwell(attributes: Mapping[str, Any]) -> float:
    for name, unit in DWELL.items():
        number = _number(attributes.get(name), f"{ATTRIBUTES}.{name}")
        if number is not None:
            if number < 0:
                raise Wrong(f"{ATTRIBUTES}.{name}", f"{number} is negative")
            return number * unit
    return 0.0


def _time(found: Any) -> float | None:
    if found is None or found == "":
        return None
    if isinstance(found, str):
        try:
            moment = datetime.fromisoformat(found)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
    try:
        number = _number(found, "timestamp")
    except Wrong:
        raise Wrong("timestamp", "expected ISO 8601, or milliseconds since 1970") from None
    if number is None or number < MILLISECONDS_FROM:
        return number
    return number / 1000


def _consent(within: Mapping[str, Any], path: str) -> Consent | None:
    found = within.get("consent")
    if found is None:
        return None
    word = found.lower() if isinstance(found, str) else found
    # 1 == True in a dictionary's eyes.
    if not isinstance(word, str | bool) or word not in CONSENT:
        raise Wrong(f"{path}consent", "expected true or false")
    return CONSENT[word]


def _kind(value: Any) -> str:
    names = {bool: "true or false", str: "text", list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), "a number")
