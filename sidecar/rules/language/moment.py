"""Moments, as people write them in rules and in golden tests."""

import re
from datetime import date, datetime, tzinfo
from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
ZONE = r"Z|[+-][0-9]{2}:[0-9]{2}"
WRITTEN = re.compile(f"{DATE}([T ]{CLOCK}({ZONE})?)?")


def _said_moment(said: Any) -> Any:
    """A text as the date or the moment that it says. `2026-01-01T00:00Z` is a moment, and stays one."""
    if isinstance(said, date) or said is None:
        return said
    try:
        if isinstance(said, str) and WRITTEN.fullmatch(said):
            return (date if re.fullmatch(DATE, said) else datetime).fromisoformat(said)
    except ValueError:
        pass
    raise ValueError(f"`{said}` is no date; write 2026-01-31 or 2026-01-31T08:00")


class _AsWritten:
    """Tells the JSON schema what `_said_moment` allows; its own `date-time` has seconds and a zone."""

    @staticmethod
    def __get_pydantic_json_schema__(core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{WRITTEN.pattern}$"}


Moment = Annotated[date | datetime, BeforeValidator(_said_moment), _AsWritten()]
"""`2026-01-31` or `2026-01-31T08:00`, with seconds and a zone or without."""


def moment_in(zone: tzinfo, said: date | datetime) -> datetime:
    """With a time zone: its own, or `zone`. A date alone is that day's beginning there."""
    if not isinstance(said, datetime):
        return datetime(said.year, said.month, said.day, tzinfo=zone)
    return said if said.tzinfo is not None else said.replace(tzinfo=zone)
