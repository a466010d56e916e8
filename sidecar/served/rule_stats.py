"""What layout rules did, counted over the served log.

A list's `versions` hold what the rules did to it: `rules_did` is JSON, a text of letters by rule id; see
`ranking.layout.telling`. `page_variant` is the rule and its variant.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sidecar.domain.event import EventKind
from sidecar.served.log import ServedRow
from sidecar.served.rule_effect import ClickCount, effect, group_of

RULES, RULES_DID, PAGE_VARIANT = "rules", "rules_did", "page_variant"

LETTERS: Mapping[str, str] = {
    "m": "matched",
    "a": "acted",
    "l": "lost",
    "h": "honoured",
    "x": "not_honoured",
    "f": "failed",
    "o": "held_out",
}
MOST_RULES = 20_000
"""Told apart; a log of more names than that is damaged."""


@dataclass
class RuleCount:
    """One rule's searches. `in_force` and `held_out` are those in which it matched, with their clicks.

    A rule stays out only for shoppers who are known: `of_known` are those of the searches in force that are
    theirs, which the ones held out are compared with.
    """

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LETTERS.values(), 0))
    in_force: ClickCount = field(default_factory=ClickCount)
    of_known: ClickCount = field(default_factory=ClickCount)
    held_out: ClickCount = field(default_factory=ClickCount)
    last: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Counts, clicks a search in force and held out, and the difference where some were held out."""
        told: dict[str, Any] = {**self.counts, "last_matched": self.last or None}
        told["in_force"] = _clicks(self.in_force)
        if self.held_out.searches:
            told["held_out_clicks"] = _clicks(self.held_out)
            told["in_force_of_known"] = _clicks(self.of_known)
            told["effect"] = _effect(self.of_known, self.held_out)
        return told


class RuleStats:
    """Takes rows one after the other; its size does not depend on how many."""

    def __init__(self) -> None:
        self.searches = 0
        self.under_rules = 0
        self.unreadable = 0
        self.rules: dict[str, RuleCount] = {}
        self.variants: dict[str, dict[str, ClickCount]] = {}

    def add(self, row: ServedRow) -> None:
        """Counts one served list."""
        self.searches += 1
        versions = row.served.versions or {}
        if versions.get(RULES) or versions.get(RULES_DID):
            self.under_rules += 1
        did, variant = versions.get(RULES_DID), versions.get(PAGE_VARIANT)
        if not did and not variant:
            return
        clicks = len({outcome.place for outcome in row.outcomes if outcome.kind is EventKind.CLICK})
        group = group_of(row.served.shopper, row.served.query)
        if did:
            self._add_rules(did, row, group, clicks)
        # Whoever is not known gets the first variant by name: compared with all others, it would be judged by
        # other shoppers than these.
        if variant and row.served.shopper:
            rule, _, name = variant.partition("/")
            self.variants.setdefault(rule, {}).setdefault(name, ClickCount()).add(group, clicks)

    def dead(self, live: Mapping[str, float]) -> list[str]:
        """Of the live rules (id → since when, seconds) those that never matched, by id."""
        return sorted(rule for rule in live if rule not in self.rules)

    def to_json(self) -> dict[str, Any]:
        """All figures, rules and variants by name."""
        return {
            "searches": self.searches,
            "searches_under_rules": self.under_rules,
            "unreadable": self.unreadable,
            "rules": {name: self.rules[name].to_json() for name in sorted(self.rules)},
            "page_variants": {name: _variants(self.variants[name]) for name in sorted(self.variants)},
        }

    def _add_rules(self, did: str, row: ServedRow, group: int, clicks: int) -> None:
        try:
            letters = json.loads(did)
            told = [(str(rule), str(found)) for rule, found in letters.items()]
        except (ValueError, AttributeError, RecursionError):
            self.unreadable += 1
            return
        for rule, found in told:
            if rule not in self.rules and len(self.rules) >= MOST_RULES:
                continue
            count = self.rules.setdefault(rule, RuleCount())
            for letter in set(found) & set(LETTERS):
                count.counts[LETTERS[letter]] += 1
            count.last = max(count.last, row.served.time)
            if "o" in found:
                count.held_out.add(group, clicks)
                continue
            count.in_force.add(group, clicks)
            if row.served.shopper:
                count.of_known.add(group, clicks)


def _clicks(count: ClickCount) -> dict[str, Any]:
    return {"searches": count.searches, "clicks": count.clicks, "clicks_per_search": count.rate}


def _effect(with_it: ClickCount, without: ClickCount) -> dict[str, Any]:
    found = effect(with_it, without)
    return {
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "clear": found.is_clear,
    }


def _variants(found: Mapping[str, ClickCount]) -> dict[str, Any]:
    """Each against the first by name, which crawlers get."""
    names = sorted(found)
    first = found[names[0]]
    return {
        name: {
            **_clicks(found[name]),
            **({"against": names[0], "effect": _effect(found[name], first)} if name != names[0] else {}),
        }
        for name in names
    }
