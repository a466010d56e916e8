"""Pins to be fetched beside rules that hide by what a document says, which nobody has read by then."""

from collections.abc import Iterator
from itertools import islice

from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.together import active_together, always_active_with, can_hold_together, implies
from sidecar.rules.problem import Problem

MOST_PAIRS = 100_000


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """One warning a rule, for the first of those that keep its pins from being fetched."""
    hiding = [rule for rule in looked_at.enabled if _hides_by_expression(rule)]
    if not hiding:
        return
    fetching = [(rule, place) for rule in looked_at.enabled for place in _fetched(rule)[:1]]
    for rule, place in islice(fetching, MOST_PAIRS // len(hiding)):
        always = (one for one in hiding if _holds_whenever(one, rule))
        now_and_then = (one for one in hiding if _may_hold_with(one, rule))
        other = next(always, None)
        when = "is not fetched" if other is not None else "is not fetched for some searches"
        other = other or next(now_and_then, None)
        if other is None:
            continue
        by = "this rule" if other is rule else looked_at.where(other)
        yield looked_at.problem(
            "warning",
            "never-fetched",
            rule,
            ("then", place, "pin", "on_missing"),
            f"the pin {when}: {by} hides by an expression, and what is to be fetched was not read.",
            "Hide by `ids`, or let searches filter.",
        )


def _hides_by_expression(rule: Rule) -> bool:
    return any(
        action.filter is not None or (action.hide is not None and action.hide.filter is not None)
        for action in rule.then
    )


def _fetched(rule: Rule) -> list[int]:
    """Which of the rule's actions are pins that are to be fetched."""
    return [
        place
        for place, action in enumerate(rule.then)
        if action.pin is not None and action.pin.on_missing == "fetch"
    ]


def _holds_whenever(other: Rule, rule: Rule) -> bool:
    return other is rule or (implies(rule.when, other.when) and always_active_with(rule.active, other.active))


def _may_hold_with(other: Rule, rule: Rule) -> bool:
    return active_together(other.active, rule.active) and can_hold_together(other.when, rule.when)
