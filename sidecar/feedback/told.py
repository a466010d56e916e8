"""An event as it was told, before it is checked."""

from dataclasses import dataclass

from sidecar.domain.search import Consent


class Wrong(Exception):
    """An event that is refused: which field, by UBI's path, and why. Never shows the value of an id."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(slots=True)
class Told:
    """UBI's fields, of the right types and not checked any further.

    `time` is in seconds since 1970, None where none was told. `ordinal` is None where none was told.
    `object_id` is the field that the settings name. `dwell` is in seconds.
    """

    action: str = ""
    time: float | None = None
    application: str = ""
    client_id: str = ""
    user_id: str = ""
    session_id: str = ""
    query_id: str = ""
    id: str = ""
    object_id: str = ""
    ordinal: int | None = None
    dwell: float = 0.0
    consent: Consent = Consent.UNSPECIFIED
    ip: str = ""
    user_agent: str = ""
