"""The time in which a rule is active."""

from datetime import datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from sidecar.rules.language.exact import Exact
from sidecar.rules.language.moment import Moment, moment_in
from sidecar.rules.language.words import OneOrMore

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no time zone `{name}`; write it like Europe/Berlin") from error
    return name


class Active(Exact):
    """From a moment until another (exclusive), on some days, at some hours. Empty: always.

    A date alone is that day's beginning in the time zone.
    """

    from_: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    timezone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    days: OneOrMore[Day] | None = None
    hours: str | None = Field(
        default=None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        description="08:00-18:00; 22:00-06:00 goes over midnight",
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Active":
        begin, end = self.bounds()
        # As clocks show them the two may be in order, and not be in time: an hour is left out in spring.
        if begin is not None and end is not None and begin.timestamp() >= end.timestamp():
            raise ValueError("`from` is not before `until`: the rule would never be active")
        return self

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """`from` and `until` as moments with a time zone."""
        zone = ZoneInfo(self.timezone)
        begin, end = (None if said is None else moment_in(zone, said) for said in (self.from_, self.until))
        return begin, end

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
