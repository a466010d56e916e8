"""Lint as publishing does it."""

from collections.abc import Mapping, Sequence

from sidecar.config.profile import Profile
from sidecar.rules.problem import Problem
from sidecar.rules.rule_set import RuleSet


def lint_draft(
    draft: RuleSet, profiles: Mapping[str, Profile], url: str | None, index: str | None
) -> Sequence[Problem]:
    """What lint finds."""
    del draft, profiles, url, index
    return []
