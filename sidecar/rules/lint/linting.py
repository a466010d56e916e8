"""All checks, one after the other."""

from collections.abc import Collection
from datetime import datetime

from sidecar.rules.lint import (
    clashes,
    effect,
    expressions,
    fields,
    filtered,
    matching,
    missing_products,
    names,
    periods,
    same_product,
    unreachable,
    window,
)
from sidecar.rules.lint.index_view import IndexView, Names
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.problem import Problem
from sidecar.rules.rule_set import RuleSet

CHECKS = (
    expressions,
    fields,
    window,
    unreachable,
    clashes,
    same_product,
    periods,
    effect,
    names,
    filtered,
    matching,
    missing_products,
)


def lint_rules(
    rule_set: RuleSet,
    *,
    now: datetime,
    profile_fields: Collection[str] | None = None,
    ranked: int | None = None,
    index_view: IndexView | None = None,
    vocabulary: Names | None = None,
) -> list[Problem]:
    """What is wrong with rules, by file and line. What is None is not checked against.

    `profile_fields`: the fields that ranking profiles send; `ranked`: how many hits they rank. May raise
    what `index_view` raises.
    """
    looked_at = LookedAt(rule_set, now, profile_fields, ranked, index_view, vocabulary)
    found = dict.fromkeys(problem for check in CHECKS for problem in check.check(looked_at))
    return sorted(found, key=lambda problem: (problem.file, problem.line, problem.severity, problem.check))
