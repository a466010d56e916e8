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
    _rows: dict[str, list[int]] = field(default_factory=dict)

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

    def rows_by_id(self) -> Mapping[str, list[int]]:
        """The rows of each document id: several where indices share ids."""
        if not self._rows:
            ids = self.columns.ids
            self._rows = {document: [row] for row, document in enumerate(ids)}
            if len(self._rows) < len(ids):
                self._rows = {}
                for row, document in enumerate(ids):
                    self._rows.setdefault(document, []).append(row)
        return self._rows

    def of_ids(self, ids: frozenset[str]) -> BoolArray:
        """bool [n]: which hits are of these documents."""
        mask = np.zeros(self.count, np.bool_)
        rows = self.rows_by_id()
        for document in rows.keys() & ids:
            mask[rows[document]] = True
        return mask

    def granted(self, grant: "Callable[[Window], FloatArray]") -> FloatArray:
        """float64 [n]: what a figure grants each hit. Rules that share a figure share the answer."""
        known = self._grants.get(id(grant))
        if known is None:
            known = self._grants[id(grant)] = grant(self)
        return known
