"""One product pinned twice, or pinned and hidden."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.together import active_together, always_active_with, can_hold_together, implies
from sidecar.rules.lint.uses import Path
from sidecar.rules.problem import Problem

MOST_PAIRS = 100_000


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """In one rule an error, in two that can hold together a warning: one of them gets its way."""
    pinned: dict[str, list[tuple[Rule, Path]]] = defaultdict(list)
    hidden: dict[str, list[tuple[Rule, Path]]] = defaultdict(list)
    for rule in looked_at.enabled:
        for place, action in enumerate(rule.then):
            if action.pin is not None and action.pin.id is not None:
                pinned[action.pin.id].append((rule, ("then", place, "pin", "id")))
            if action.slot is not None and action.slot.kind == "editorial":
                for number, id_ in enumerate(action.slot.ids or ()):
                    pinned[id_].append((rule, ("then", place, "slot", "ids", number)))
            if action.hide is not None and action.hide.filter is None:
                for number, id_ in enumerate(action.hide.ids or ()):
                    hidden[id_].append((rule, ("then", place, "hide", "ids", number)))
    pairs = 0
    for product, uses in sorted(pinned.items()):
        for (one, _path), (other, path) in combinations(uses, 2):
            pairs += 1
            if pairs > MOST_PAIRS:
                return
            if one is other:
                yield looked_at.problem(
                    "error", "pinned-twice", one, path, f"`{product}` is pinned twice.", "Take one pin out."
                )
            # A stronger rule that moves a pin of a weaker one is how exceptions are made.
            elif one.priority == other.priority and _meet(one, other):
                yield looked_at.problem(
                    "warning",
                    "pinned-twice",
                    other,
                    path,
                    f"`{product}` is pinned by {looked_at.where(one)} as well, for searches where both hold.",
                    "It stands where the stronger rule says; give one of them a higher `priority`.",
                )
        for hiding, _path in hidden.get(product, ()):
            for rule, path in uses:
                yield from _pinned_and_hidden(looked_at, product, rule, path, hiding)


def _pinned_and_hidden(
    looked_at: LookedAt, product: str, rule: Rule, path: Path, hiding: Rule
) -> Iterator[Problem]:
    if rule is hiding or (implies(rule.when, hiding.when) and always_active_with(rule.active, hiding.active)):
        by = "this rule" if rule is hiding else looked_at.where(hiding)
        yield looked_at.problem(
            "error",
            "pinned-and-hidden",
            rule,
            path,
            f"`{product}` is pinned, and hidden by {by}: what is hidden is never shown.",
            "Take out the pin, or the product from `hide`.",
        )
    elif _meet(rule, hiding):
        yield looked_at.problem(
            "warning",
            "pinned-and-hidden",
            rule,
            path,
            f"`{product}` is pinned, and for some of these searches hidden by {looked_at.where(hiding)}.",
        )


def _meet(one: Rule, other: Rule) -> bool:
    return active_together(one.active, other.active) and can_hold_together(one.when, other.when)
