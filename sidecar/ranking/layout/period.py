"""The time in which a rule is active, quick to ask."""

import math
from datetime import UTC, datetime

from sidecar.rules.language.active import Active

MINUTE = 60


class Period:
    """From `begin` to before `end`, in seconds since 1970; on some days and hours where the rule says so."""

    __slots__ = ("_active", "_begin", "_end", "_minute", "_verdict")

    def __init__(self, active: Active) -> None:
        begin, end = active.bounds()
        self._begin = begin.timestamp() if begin is not None else float("-inf")
        self._end = end.timestamp() if end is not None else float("inf")
        self._active = active if active.days is not None or active.hours is not None else None
        self._minute = -1
        self._verdict = False

    @property
    def is_always(self) -> bool:
        """Whether it has neither a beginning nor an end, nor days or hours."""
        return self._active is None and math.isinf(self._begin) and math.isinf(self._end)

    def holds(self, now: float) -> bool:
        """Whether `now`, in seconds since 1970, lies in it. Asked once a minute: hours begin with one."""
        if not self._begin <= now < self._end:
            return False
        if self._active is None:
            return True
        minute = int(now // MINUTE)
        if minute != self._minute:
            self._verdict = self._active.holds(datetime.fromtimestamp(now, UTC))
            self._minute = minute
        return self._verdict
