"""The hits that rules look at, in columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sidecar.domain.candidate import Candidate
from sidecar.ranking.standing import FloatArray
from sidecar.rules.columns import Columns
from sidecar.rules.expression.compiled import CompiledFilter, CompiledNumber

BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class Window:
    """n hits as they came in, best first; a hit's row is its place there, from 0.

    `scores` float64 [n] never increase. `residuals` float64 [n] is what the shopper's taste added, None
    where nothing is known. `engagement` holds what shoppers did with the hits, float64 [n] by figure.
    """

    candidates: Sequence[Candidate]
    columns: Columns
    scores: FloatArray
    residuals: FloatArray | None = None
    engagement: Mapping[str, FloatArray] = field(default_factory=dict)
    _masks: dict[int, BoolArray] = field(default_factory=dict)
    _grants: dict[int, FloatArray] = field(default_factory=dict)
    _row_of: dict[str, int] | None = None

    @property
    def count(self) -> int:
        """n."""
        return len(self.candidates)

    def mask(self, wanted: CompiledFilter) -> BoolArray:
        """bool [n]: which hits a filter is true of. Rules that share a filter share the answer."""
        known = self._masks.get(id(wanted))
        if known is None:
            known = self._masks[id(wanted)] = wanted.of(self.columns)
        return known

    def numbers(self, wanted: CompiledNumber) -> FloatArray:
        """float64 [n], NaN where a hit has no such number."""
        return wanted.of(self.columns)

    @property
    def row_of(self) -> Mapping[str, int]:
        """The row of each document id; the first one of several."""
        if self._row_of is None:
            ids = self.columns.ids
            self._row_of = dict(zip(reversed(ids), range(len(ids) - 1, -1, -1), strict=True))
        return self._row_of

    def rows_of(self, document: str) -> Sequence[int]:
        """Where a document is: several rows where indices share ids."""
        row = self.row_of.get(document)
        if row is None:
            return ()
        if len(self.row_of) == self.count:
            return (row,)
        return [row for row, one in enumerate(self.columns.ids) if one == document]

    def of_ids(self, ids: frozenset[str]) -> BoolArray:
        """bool [n]: which hits are of these documents."""
        return np.fromiter(map(ids.__contains__, self.columns.ids), np.bool_, self.count)

    def granted(self, grant: "Callable[[Window], FloatArray]") -> FloatArray:
        """float64 [n]: what a figure grants each hit. Rules that share a figure share the answer."""
        known = self._grants.get(id(grant))
        if known is None:
            known = self._grants[id(grant)] = grant(self)
        return known
