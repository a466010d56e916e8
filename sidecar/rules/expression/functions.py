"""The functions over numbers, and how a date is read."""

from datetime import UTC, datetime
from functools import lru_cache

from sidecar.rules.expression.errors import ExpressionError

NUMERIC = {"abs": (1, 1), "min": (2, 16), "max": (2, 16), "log": (1, 1), "round": (1, 1)}
"""How many numbers each takes, from and to."""


def moment(text: str, column: int) -> float:
    """Seconds since 1970 of an ISO date. Raises ExpressionError where it is none."""
    seconds = seconds_of(text)
    if seconds is None:
        raise ExpressionError(f"'{text}' is no date; write 2026-01-31 or 2026-01-31T08:00+01:00", column)
    return seconds


@lru_cache(maxsize=16_384)
def seconds_of(text: str) -> float | None:
    """Seconds since 1970 of an ISO date, UTC unless it says otherwise; None where it is none.

    As in OpenSearch a year is one, and a month.
    """
    text = text.strip()
    if len(text) in (4, 7) and text[:4].isdecimal():
        text += "-01-01"[: 10 - len(text)]
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
