"""The rules that are looked at, and what is known around them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.index_view import IndexView, Names
from sidecar.rules.lint.uses import ExpressionUse, FieldUse, Path, expressions_of, fields_of_rule
from sidecar.rules.problem import Problem
from sidecar.rules.rule_set import RuleSet


@dataclass(frozen=True)
class LookedAt:
    """`profile_fields`: what ranking profiles send of a document; `window`: how many hits are ranked."""

    rules: RuleSet
    now: datetime
    profile_fields: Collection[str] | None = None
    window: int | None = None
    index: IndexView | None = None
    names: Names | None = None

    @cached_property
    def enabled(self) -> list[Rule]:
        """The rules that are switched on. Others are checked for what is wrong in them, and no more."""
        return [rule for rule in self.rules.rules if rule.enabled]

    @cached_property
    def expressions(self) -> list[ExpressionUse]:
        """All expressions of all rules."""
        return [use for rule in self.rules.rules for use in expressions_of(rule)]

    @cached_property
    def fields(self) -> list[FieldUse]:
        """All fields that are named outside of expressions."""
        return [use for rule in self.rules.rules for use in fields_of_rule(rule)]

    def problem(
        self,
        severity: Literal["error", "warning"],
        check: str,
        rule: Rule,
        path: Path,
        reason: str,
        fix: str = "",
    ) -> Problem:
        """A problem at a place in a rule."""
        origin = self.rules.origins.get(rule.id)
        file, line = (origin.file, origin.line_of(*path)) if origin else ("", 0)
        return Problem(severity, check, file, line, rule.id, reason, fix)

    def where(self, rule: Rule) -> str:
        """A rule and where it stands, for a sentence about another."""
        origin = self.rules.origins.get(rule.id)
        return f"`{rule.id}` ({origin.file}:{origin.line})" if origin else f"`{rule.id}`"
