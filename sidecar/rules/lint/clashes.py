"""Two hard pins on one place, where nothing but the alphabet says which one gets it."""

from collections import defaultdict
from collections.abc import Iterator

from sidecar.rules.language.placing import Pin
from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.two_rules import meet
from sidecar.rules.lint.uses import Path
from sidecar.rules.problem import Problem
from sidecar.rules.specificity import specificity

MOST_PAIRS = 100_000
"""Compared; a set that needs more has hundreds of pins on one place, and some of the clashes are told."""


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """Pins of one rule on one place, and those of two rules of one priority and one specificity.

    Each rule is told of one other.
    """
    groups: dict[tuple[int, int, int], dict[str, tuple[Rule, Path]]] = defaultdict(dict)
    for rule in looked_at.enabled:
        mine: dict[int, Path] = {}
        for path, pin in hard_pins(rule):
            for place in pin.places:
                if place in mine:
                    yield looked_at.problem(
                        "error",
                        "pin-clash",
                        rule,
                        path,
                        f"two hard pins of this rule ask for place {place}.",
                        "Give one of them another place.",
                    )
                    continue
                mine[place] = path
                groups[place, rule.priority, specificity(rule.when)][rule.id] = (rule, path)
    pairs = 0
    told: set[str] = set()
    for (place, priority, _), pins in sorted(groups.items()):
        before: list[Rule] = []
        for other, path in pins.values():
            pairs += len(before)
            if pairs > MOST_PAIRS:
                return
            one = None if other.id in told else next((rule for rule in before if meet(rule, other)), None)
            before.append(other)
            if one is None:
                continue
            told.add(other.id)
            yield looked_at.problem(
                "error",
                "pin-clash",
                other,
                path,
                f"asks for place {place}, and so does {looked_at.where(one)}, both with priority {priority} "
                f"and as specific: where both hold, the lower id wins.",
                "Raise the `priority` of the one that is to win, or move the other.",
            )


def hard_pins(rule: Rule) -> Iterator[tuple[Path, Pin]]:
    """The hard pins of a rule with their paths."""
    for place, action in enumerate(rule.then):
        if action.pin is not None and action.pin.mode == "hard":
            yield ("then", place, "pin"), action.pin
