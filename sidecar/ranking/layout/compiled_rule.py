"""One rule of a release, compiled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sidecar.ranking.layout.act import Act
from sidecar.ranking.layout.conditions import Check
from sidecar.ranking.layout.period import Period


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """`strength` is its place among the release's rules: 0 wins over all others. `period` is None where it is
    always active.

    `reads_signals`: it asks what taste or other shoppers say of the hits.
    """

    id: str
    strength: int
    period: Period | None
    checks: Sequence[Check]
    acts: Sequence[Act[Any]]
    holdout: float
    reads_signals: bool
