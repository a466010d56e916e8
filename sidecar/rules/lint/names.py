"""Brands, categories and colors that queries are never understood to name."""

from collections.abc import Iterator

from sidecar.rules.language.conditions import When
from sidecar.rules.language.rule import Rule
from sidecar.rules.lint.index_view import Names
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.lint.uses import Path, conditions_of
from sidecar.rules.problem import Problem

KINDS = ("brand", "category", "color")


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """A warning: vocabularies are built from the catalogue, and the product may come tomorrow."""
    if looked_at.names is not None:
        for rule in looked_at.enabled:
            for when, path in conditions_of(rule):
                yield from _of_when(looked_at, looked_at.names, rule, when, path)


def _of_when(looked_at: LookedAt, names: Names, rule: Rule, when: When, path: Path) -> Iterator[Problem]:
    for kind in KINDS:
        for place, value in enumerate(getattr(when, kind) or ()):
            if not names.knows(kind, value):
                yield looked_at.problem(
                    "warning",
                    "unknown-name",
                    rule,
                    (*path, kind, place),
                    f"no query is understood to name the {kind} `{value}`.",
                    "See `reshelf vocabulary show`, or use `query.contains`.",
                )
