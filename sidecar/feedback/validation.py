"""What an event must be to be taken in."""

from collections.abc import Mapping

from sidecar.config.events import EventSettings, action_name
from sidecar.domain.event import Event, EventKind
from sidecar.domain.search import Shopper
from sidecar.feedback.told import Told, Wrong

MAX_ID_CHARACTERS = 128
MAX_OBJECT_ID_BYTES = 512
LONGEST_DWELL = 86_400.0
"""A page left open over night says no more than a day."""

MAX_KNOWN_ACTIONS = 1000
DAY = 86_400.0

LIMITS: Mapping[str, str] = {
    "action": "action_name",
    "application": "application",
    "client_id": "client_id",
    "user_id": "user_id",
    "session_id": "session_id",
    "query_id": "query_id",
    "id": "event_id",
}


class Validation:
    """Checks events, whichever road they came by."""

    def __init__(self, settings: EventSettings) -> None:
        self._settings = settings
        self._kinds = settings.kinds()
        self._known: dict[str, EventKind] = {}

    def event_of(self, told: Told, now: float) -> Event:
        """The event that was told. `now` in seconds since 1970. Raises Wrong naming the field."""
        if not told.action:
            raise Wrong("action_name", "is missing")
        for attribute, field in LIMITS.items():
            text = getattr(told, attribute)
            if text and (len(text) > MAX_ID_CHARACTERS or not text.isascii()):
                _check(text, field)
        if not (told.client_id or told.user_id or told.query_id):
            raise Wrong("client_id", "is missing, and so are user_id and query_id; one of them is needed")
        return Event(
            kind=self._kind(told.action),
            time=self._time(told, now),
            shopper=Shopper(told.client_id, told.session_id, told.user_id, told.consent),
            id=told.id,
            query_id=told.query_id,
            object_id=_object_id(told.object_id),
            position=self._position(told),
            dwell=min(told.dwell, LONGEST_DWELL),
            action=told.action,
            application=told.application,
            attributes={"ip": told.ip, "user_agent": told.user_agent},
        )

    def _kind(self, action: str) -> EventKind:
        kind = self._known.get(action)
        if kind is None:
            kind = self._kinds.get(action_name(action), EventKind.OTHER)
            # Senders choose the names: not all that ever come are to be kept.
            if len(self._known) < MAX_KNOWN_ACTIONS:
                self._known[action] = kind
        return kind

    def _time(self, told: Told, now: float) -> float:
        if told.time is None:
            if not told.id:
                raise Wrong(
                    "timestamp", "is missing; without it and an event_id a repeated event cannot be told"
                )
            return now
        age = now - told.time
        if age > self._settings.max_age_days * DAY:
            raise Wrong("timestamp", f"is more than {self._settings.max_age_days:g} days old")
        if age < -self._settings.max_future_minutes * 60:
            raise Wrong(
                "timestamp", f"is more than {self._settings.max_future_minutes:g} minutes in the future"
            )
        return told.time

    def _position(self, told: Told) -> int:
        if told.ordinal is None:
            return 0
        position = told.ordinal + 1 - self._settings.first_of(told.application)
        if told.ordinal < 0 or position > self._settings.max_position:
            raise Wrong(
                "event_attributes.position.ordinal",
                f"{told.ordinal} is not from 0 to {self._settings.max_position}",
            )
        return position


def _object_id(text: str) -> str:
    if len(text) > MAX_OBJECT_ID_BYTES // 4 or not text.isascii():
        field = "event_attributes.object.object_id"
        if len(_encoded(text, field)) > MAX_OBJECT_ID_BYTES:
            raise Wrong(field, f"is longer than {MAX_OBJECT_ID_BYTES} bytes")
    return text


def _check(text: str, field: str) -> None:
    if len(text) > MAX_ID_CHARACTERS:
        raise Wrong(field, f"{len(text)} characters are above the limit of {MAX_ID_CHARACTERS}")
    _encoded(text, field)


def _encoded(text: str, field: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Wrong(field, "is not valid Unicode") from None
