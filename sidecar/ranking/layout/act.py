"""One action of a rule, compiled."""

from dataclasses import dataclass
from typing import Generic, TypeVar

Work = TypeVar("Work", covariant=True)


@dataclass(frozen=True, slots=True, eq=False)
class Act(Generic[Work]):
    """`rule` is the rule's id, `strength` its place among the release's rules (0 wins), `at` the action's
    place among the rule's, `kind` its word in the language; the kind's own file works with `work`."""

    rule: str
    strength: int
    at: int
    kind: str
    work: Work
