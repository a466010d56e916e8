"""Actions that change nothing."""

from collections.abc import Iterator

from sidecar.rules.language.rule import Action
from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.problem import Problem


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """Weights of 1, likeness that does not count, sections without hits."""
    for rule in looked_at.rules.rules:
        for place, action in enumerate(rule.then):
            why = _why_without(action)
            if why:
                yield looked_at.problem(
                    "warning", "no-effect", rule, ("then", place), f"without effect: {why}.", "Remove it."
                )


def _why_without(action: Action) -> str:
    weighed = action.boost or action.bury
    if weighed is not None and weighed.weight == 1:
        return "a weight of 1 changes no score"
    if action.personalize is not None and action.personalize.strength == 1:
        return "a strength of 1 is what the profile says anyway"
    vary = action.diversify
    if (
        vary is not None
        and vary.mmr is not None
        and vary.mmr.balance == 1
        and not (vary.max_per_field or vary.max_similar or vary.quotas)
    ):
        return "a `balance` of 1 is relevance alone"
    if action.metadata is not None and not action.metadata:
        return "`metadata` is empty"
    return ""
