"""The time in which a rule is active."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sidecar.config.strict import Strict
from sidecar.rules.language.words import OneOrMore

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone `{name}`; write it like Europe/Berlin") from error
    return name


def _said_moment(said: Any) -> Any:
    """A text as the date or the moment that it says. `2026-01-01T00:00Z` is a moment, and stays one."""
    if isinstance(said, date) or said is None:
        return said
    try:
        if isinstance(said, str) and len(said.strip()) == DATE_CHARACTERS:
            return date.fromisoformat(said.strip())
        if isinstance(said, str):
            return datetime.fromisoformat(said.strip())
    except ValueError:
        pass
    raise ValueError(f"`{said}` is no date; write 2026-01-31 or 2026-01-31T08:00")


DATE_CHARACTERS = len("2026-01-31")
Moment = Annotated[date | datetime, BeforeValidator(_said_moment)]


class Active(Strict):
    """From a moment until another (exclusive), on some days, at some hours. Empty: always.

    A date alone is that day's beginning in the time zone.
    """

    from_: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    days: OneOrMore[Day] | None = None
    hours: str | None = Field(
        default=None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]|24):[0-5]\d$",
        description="08:00-18:00; 22:00-06:00 goes over midnight",
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Active":
        begin, end = self.bounds()
        if begin is not None and end is not None and begin >= end:
            raise ValueError("`from` is not before `until`: the rule would never be active")
        if self.hours is not None and self.hours[6:] > "24:00":
            raise ValueError("`hours` end at 24:00 at the latest")
        return self

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """`from` and `until` as moments with a time zone."""
        return self._moment(self.from_), self._moment(self.until)

    def _moment(self, said: date | datetime | None) -> datetime | None:
        if said is None:
            return None
        zone = ZoneInfo(self.timezone)
        if not isinstance(said, datetime):
            return datetime(said.year, said.month, said.day, tzinfo=zone)
        return said if said.tzinfo is not None else said.replace(tzinfo=zone)

    def holds(self, moment: datetime) -> bool:
        """Whether a rule is active at a moment that has a time zone."""
        begin, end = self.bounds()
        if (begin is not None and moment < begin) or (end is not None and moment >= end):
            return False
        if self.days is None and self.hours is None:
            return True
        local = moment.astimezone(ZoneInfo(self.timezone))
        return self._at_hour(local)

    def _at_hour(self, local: datetime) -> bool:
        """Hours that go over midnight belong to the day on which they began."""
        today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
        if self.hours is None:
            return self.days is None or today in self.days
        begin, end = self.hours.split("-")
        clock = f"{local:%H:%M}"
        if begin < end:
            return begin <= clock < end and (self.days is None or today in self.days)
        if clock >= begin:
            return self.days is None or today in self.days
        return clock < end and (self.days is None or yesterday in self.days)
