"""A first-stage hit that may be moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

FieldValues = Sequence[str] | Sequence[float] | Sequence[bool]
"""One field's values; OpenSearch fields are multi-valued."""


@dataclass(slots=True)
class Candidate:
    """One hit as the first stage found it.

    `rank` is the place in the first stage's order, from 1, and the candidate's identity within a
    search: `id` alone is not unique when several indices are searched. `score` is finite.
    """

    id: str
    rank: int
    score: float
    index: str = ""
    fields: Mapping[str, FieldValues] = field(default_factory=dict)
