"""What all shoppers together did, as searches see it. Filled in by the composition root."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sidecar.domain.search import Search
from sidecar.ranking.standing import FloatArray, Standing
from sidecar.taste.traits import Traits


@dataclass(frozen=True, slots=True)
class Columns:
    """Features float32 [n, g] of n hits, by their ids and by name."""

    ids: tuple[str, ...]
    values: npt.NDArray[np.float32]
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """`values` float64 [n] are to be added to the relevance stage's scores, in its unit; `parts` [n, p] by
    `names` are what adds up to them before their bound."""

    values: FloatArray
    parts: FloatArray
    names: Sequence[str]


class SharedKnowledge(Protocol):
    """Figures of engagement, and the online blend of them where it has proven itself. Never waits."""

    def columns(self, search: Search, standing: Standing, traits: Traits) -> Columns:
        """The features of the hits as they stand."""
        ...

    def adjustment(
        self, search: Search, scores: FloatArray, columns: Columns, now: float
    ) -> Adjustment | None:
        """What the online blend adds to `scores` float64 [n]; None while it does not count."""
        ...

    @property
    def version(self) -> str:
        """Of the online blend; "" while it does not count."""
        ...


class NothingShared:
    """For those who keep no such figures."""

    version = ""

    def columns(self, search: Search, standing: Standing, traits: Traits) -> Columns:
        """No features."""
        del search, traits
        ids = tuple(candidate.id for candidate in standing.candidates)
        return Columns(ids, np.zeros((len(ids), 0), np.float32), ())

    def adjustment(self, search: Search, scores: FloatArray, columns: Columns, now: float) -> None:
        """Nothing."""
        del search, scores, columns, now
