"""One rule of a release, compiled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sidecar.ranking.layout.act import Act


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRule:
    """`strength` is its place among the release's rules: 0 wins over all others.

    `reads_signals`: it asks what taste or other shoppers say of the hits.
    """

    id: str
    strength: int
    acts: Sequence[Act[Any]]
    holdout: float
    reads_signals: bool
