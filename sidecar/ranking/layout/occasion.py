"""When rules hold: a condition and a time, judged once for all rules that share both."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sidecar.ranking.layout.asked import Asked
from sidecar.ranking.layout.compiled_rule import CompiledRule
from sidecar.ranking.layout.conditions import Check, checks_of, holds
from sidecar.ranking.layout.period import Period
from sidecar.rules.language.active import Active
from sidecar.rules.language.conditions import When


@dataclass(frozen=True, slots=True)
class Occasion:
    """`period` is None where it is always active; `rules` are strongest first."""

    when: When
    checks: Sequence[Check]
    period: Period | None
    rules: list[CompiledRule] = field(default_factory=list)

    def holds(self, asked: Asked, now: float) -> bool:
        """For a search at `now`, in seconds since 1970."""
        return holds(self.checks, asked) and (self.period is None or self.period.holds(now))


def occasion_of(when: When, active: Active) -> Occasion:
    """Of no rule yet. Raises NeverHolds."""
    period = Period(active)
    return Occasion(when, checks_of(when), None if period.is_always else period)
