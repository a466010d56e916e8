"""Rules whose conditions contradict each other, and pins that a stronger rule always takes the place of."""

from collections import defaultdict
from collections.abc import Iterator

from sidecar.rules.language.conditions import When
from sidecar.rules.language.placing import Pin
from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.clashes import hard_pins
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.together import why_apart, why_impossible
from sidecar.rules.lint.two_rules import always_with
from sidecar.rules.lint.uses import Path
from sidecar.rules.problem import Problem
from sidecar.rules.specificity import specificity

MOST_PAIRS = 100_000


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """Rules that never hold, alternatives that never do, and pins that never get their place."""
    reachable = []
    for rule in looked_at.enabled:
        why = why_impossible(rule.when)
        if why:
            yield looked_at.problem(
                "error", "unreachable", rule, ("when",), f"never holds: {why}.", "Change or remove it."
            )
            continue
        reachable.append(rule)
        yield from _dead_branches(looked_at, rule, rule.when, ("when",))
    yield from _shadowed(looked_at, reachable)


def _dead_branches(looked_at: LookedAt, rule: Rule, when: When, path: Path) -> Iterator[Problem]:
    for place, branch in enumerate(when.any or ()):
        below: Path = (*path, "any", place)
        why = why_impossible(branch) or why_apart(when, branch)
        if why:
            yield looked_at.problem(
                "error", "unreachable", rule, below, f"this alternative never holds: {why}.", "Take it out."
            )
        else:
            yield from _dead_branches(looked_at, rule, branch, below)


def _shadowed(looked_at: LookedAt, rules: list[Rule]) -> Iterator[Problem]:
    """Pins whose place a stronger rule takes whenever theirs holds.

    An error where the stronger pin fetches its hit; elsewhere the weaker pin may be meant for when that hit
    is missing.
    """
    stronger: dict[int, list[tuple[Rule, Pin]]] = defaultdict(list)
    pairs = 0
    for rule in sorted(rules, key=lambda one: (-one.priority, -specificity(one.when), one.id)):
        pins = list(hard_pins(rule))
        for path, pin in pins:
            for place in pin.places:
                for other, other_pin in stronger[place]:
                    pairs += 1
                    if pairs > MOST_PAIRS:
                        return
                    if other.priority > rule.priority and always_with(rule, other):
                        yield _shadow(looked_at, rule, path, place, other, other_pin)
                        break
        for _, pin in pins:
            for place in pin.places:
                stronger[place].append((rule, pin))


def _shadow(looked_at: LookedAt, rule: Rule, path: Path, place: int, other: Rule, other_pin: Pin) -> Problem:
    always = other_pin.on_missing == "fetch"
    gets = "never gets" if always else "only gets, where that hit is missing,"
    return looked_at.problem(
        "error" if always else "warning",
        "shadowed",
        rule,
        path,
        f"{looked_at.where(other)} has a higher priority, and pins at place {place} whenever this rule "
        f"holds: this pin {gets} the place.",
        "Move one of the pins, or remove this one.",
    )
