"""One product pinned twice, or pinned and hidden."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.two_rules import always_with, meet
from sidecar.rules.lint.uses import Path
from sidecar.rules.problem import Problem

MOST_PAIRS = 100_000


@dataclass(frozen=True, slots=True)
class Pinned:
    """Where a document is pinned; `index` None: in whichever it is found."""

    rule: Rule
    path: Path
    index: str | None = None


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """In one rule an error, in two that can hold together a warning: one of them gets its way."""
    pinned: dict[str, list[Pinned]] = defaultdict(list)
    hidden: dict[str, list[tuple[Rule, Path]]] = defaultdict(list)
    for rule in looked_at.enabled:
        for place, action in enumerate(rule.then):
            if action.pin is not None and action.pin.id is not None:
                pinned[action.pin.id].append(Pinned(rule, ("then", place, "pin", "id"), action.pin.index))
            if action.slot is not None and action.slot.kind == "editorial":
                for number, id_ in enumerate(action.slot.ids or ()):
                    pinned[id_].append(Pinned(rule, ("then", place, "slot", "ids", number)))
            if action.hide is not None and action.hide.filter is None:
                for number, id_ in enumerate(action.hide.ids or ()):
                    hidden[id_].append((rule, ("then", place, "hide", "ids", number)))
    pairs = 0
    for product, uses in sorted(pinned.items()):
        for first, second in combinations(uses, 2):
            pairs += 1
            if pairs > MOST_PAIRS:
                return
            if first.index and second.index and first.index != second.index:
                continue
            one, other, path = first.rule, second.rule, second.path
            if one is other:
                yield looked_at.problem(
                    "error", "pinned-twice", one, path, f"`{product}` is pinned twice.", "Take one pin out."
                )
            # A stronger rule that moves a pin of a weaker one is how exceptions are made.
            elif one.priority == other.priority and meet(one, other):
                yield looked_at.problem(
                    "warning",
                    "pinned-twice",
                    other,
                    path,
                    f"`{product}` is pinned by {looked_at.where(one)} as well, for searches where both hold.",
                    "It stands where the stronger rule says; give one of them a higher `priority`.",
                )
        for hiding, _path in hidden.get(product, ()):
            for use in uses:
                yield from _pinned_and_hidden(looked_at, product, use.rule, use.path, hiding)


def _pinned_and_hidden(
    looked_at: LookedAt, product: str, rule: Rule, path: Path, hiding: Rule
) -> Iterator[Problem]:
    if rule is hiding or always_with(rule, hiding):
        by = "this rule" if rule is hiding else looked_at.where(hiding)
        yield looked_at.problem(
            "error",
            "pinned-and-hidden",
            rule,
            path,
            f"`{product}` is pinned, and hidden by {by}: what is hidden is never shown.",
            "Take out the pin, or the product from `hide`.",
        )
    elif meet(rule, hiding):
        yield looked_at.problem(
            "warning",
            "pinned-and-hidden",
            rule,
            path,
            f"`{product}` is pinned, and for some of these searches hidden by {looked_at.where(hiding)}.",
        )
