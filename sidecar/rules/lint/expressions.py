"""Expressions that cannot be read: signs, regular expressions that RE2 refuses, too deep, too long."""

from collections.abc import Iterator

from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.problem import Problem


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """One problem for each expression that cannot be read."""
    for use in looked_at.expressions:
        if use.error is not None:
            key = use.path[-1]
            reason = f"`{key}: {_shown(use.text)}`, column {use.error.column}: {use.error.message}."
            yield looked_at.problem("error", "bad-expression", use.rule, use.path, reason)


def _shown(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:100]}…"
