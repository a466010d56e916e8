"""Places that lie beyond the hits that are ranked."""

from collections.abc import Iterator

from sidecar.rules.lint.looked_at import LookedAt
from sidecar.rules.problem import Problem


def check(looked_at: LookedAt) -> Iterator[Problem]:
    """The places of pins and slots against the window of the ranking profile."""
    window = looked_at.window
    if window is None:
        return
    for rule in looked_at.rules.rules:
        for place, action in enumerate(rule.then):
            places = action.pin.places if action.pin else action.slot.positions if action.slot else []
            if places and max(places) > window:
                key = "position" if action.pin else "positions"
                yield looked_at.problem(
                    "error",
                    "beyond-the-window",
                    rule,
                    ("then", place, action.kind, key),
                    f"place {max(places)} lies beyond the {window} hits that are ranked.",
                    "Choose a lower place, or raise `relevance.candidates` of the profile.",
                )
            if action.diversify is not None and action.diversify.first > window:
                yield looked_at.problem(
                    "warning",
                    "beyond-the-window",
                    rule,
                    ("then", place, "diversify", "first"),
                    f"only {window} hits are ranked.",
                )
