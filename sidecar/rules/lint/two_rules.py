"""What can be said of two rules without a search: their conditions and their periods together."""

from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.together import active_together, always_active_with, can_hold_together, implies


def meet(one: Rule, other: Rule) -> bool:
    """Whether there may be a search for which both rules hold."""
    return active_together(one.active, other.active) and can_hold_together(one.when, other.when)


def always_with(rule: Rule, other: Rule) -> bool:
    """Whether `other` holds whenever `rule` does; False where that cannot be said.

    One that is held out for some shoppers does not hold for these.
    """
    return (
        not other.holdout and implies(rule.when, other.when) and always_active_with(rule.active, other.active)
    )
