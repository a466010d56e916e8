"""Rules whose time is over, or soon will be."""

from collections.abc import Iterator
from datetime import timedelta

from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.problem import Problem

SOON = timedelta(days=7)


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """What has ended is an error: nobody misses it, and it hides what is still at work."""
    for rule in looked_at.enabled:
        _, end = rule.active.bounds()
        if end is None:
            continue
        if end <= looked_at.now:
            yield looked_at.problem(
                "error",
                "expired",
                rule,
                ("active", "until"),
                f"has ended on {end:%Y-%m-%d}.",
                "Remove it, move `until`, or set `enabled: false`.",
            )
        elif end - looked_at.now <= SOON:
            yield looked_at.problem(
                "warning",
                "ends-soon",
                rule,
                ("active", "until"),
                f"ends on {end:%Y-%m-%d}.",
                "Move `until` if it is to stay.",
            )
