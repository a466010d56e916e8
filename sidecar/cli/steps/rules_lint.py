"""What `reshelf rules lint` looks at, and how it tells what it found."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sidecar.cli.steps.rules_compiling import compile_problems
from sidecar.config.profile import Profile
from sidecar.rules.expression.kinds import fields_of
from sidecar.rules.folder import look_through
from sidecar.rules.lint.index_view import IndexView, Names
from sidecar.rules.lint.linting import lint_rules
from sidecar.rules.lint.uses import expressions_of, fields_of_rule
from sidecar.rules.problem import Problem
from sidecar.rules.rule_set import RuleSet

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

    from sidecar.ranking.understanding.vocabulary import Vocabulary


def linted(
    folder: Path,
    profiles: Collection[Profile],
    client: "OpenSearch | None" = None,
    index: str | None = None,
    vocabulary: "Vocabulary | None" = None,
) -> tuple[RuleSet, list[Problem]]:
    """The rules of a folder that can be read, and everything that is wrong.

    Raises ClusterError where an index is named and cannot be looked into.
    """
    rules, unreadable = look_through(folder)
    now = datetime.now(UTC)
    found = lint_rules(
        rules,
        now=now,
        profile_fields={name for profile in profiles for name in profile.fields_needed()}
        if profiles
        else None,
        ranked=max((profile.relevance.candidates for profile in profiles), default=None),
        index_view=index_view(client, index, rules, now) if client is not None and index else None,
        vocabulary=VocabularyNames(vocabulary) if vocabulary is not None else None,
    )
    # Why a rule is refused is told once: with the place in it, where a check has found that.
    told = {problem.rule for problem in found if problem.check in ("bad-expression", "unreachable")}
    refused = [problem for problem in compile_problems(rules) if problem.rule not in told]
    problems = sorted([*unreadable, *found, *refused], key=lambda problem: (problem.file, problem.line))
    return rules, problems


def index_view(client: "OpenSearch", index: str, rules: RuleSet, now: datetime) -> IndexView:
    """The index that rules are for."""
    from sidecar.opensearch.rules_index import RulesIndex

    return RulesIndex(client, index, fields_read(rules), now.timestamp())


def fields_read(rules: RuleSet) -> set[str]:
    """The document fields that rules read."""
    named = {use.name for rule in rules.rules for use in fields_of_rule(rule)}
    for rule in rules.rules:
        for use in expressions_of(rule):
            if use.node is not None:
                named.update(fields_of(use.node))
    return named


class VocabularyNames(Names):
    """A vocabulary's names."""

    def __init__(self, vocabulary: "Vocabulary") -> None:
        from sidecar.ranking.understanding.reader import Reader

        self._reader = Reader(vocabulary)

    def knows(self, kind: str, name: str) -> bool:
        """Whether a query that is this name is understood to name it."""
        return any(entity.kind == kind for entity in self._reader.read(name).entities)


def tell(rules: RuleSet, problems: list[Problem]) -> None:
    """Each problem on a line, errors on stderr in red, and how many there are."""
    for problem in problems:
        colour = "red" if problem.severity == "error" else "yellow"
        head = typer.style(f"{problem.severity} {problem.check}", fg=colour)
        typer.echo(f"{head} {problem}")
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    said = (
        f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
        if problems
        else "nothing to complain of"
    )
    typer.echo(f"{_counted(len(rules.rules), 'rule')}: {said}")


def as_json(rules: RuleSet, problems: list[Problem]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "rules": len(rules.rules),
        "digest": rules.digest,
        "ok": not any(problem.severity == "error" for problem in problems),
        "problems": [asdict(problem) for problem in problems],
    }


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")
