"""Candidates that came as columns, made the rows that the ranking works with.

Reads protobuf messages and the JSON twin's alike. A column is unpacked when the first of its values is
read, and most never are.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, count, repeat
from typing import Any

from sidecar.config.sidecar import Limits
from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.server.errors import BadRequest
from sidecar.server.text_limit import cut_to

MAX_ID_BYTES = 512
MAX_BYTES_A_CHARACTER = 4
"""In UTF-8."""


def candidates_of(sent: Any, limits: Limits, size: int) -> tuple[list[Candidate], int]:
    """The candidates in the order of their ranks, and of how many the text was cut.

    `size` is the request's size in bytes. Raises BadRequest naming the column and what is wrong with it.
    """
    ids = list(sent.ids)
    if len(ids) > limits.candidates:
        raise BadRequest("columns.ids", f"{len(ids)} are above the limit of {limits.candidates}")
    _check_ids(ids)
    fields = _fields_of(sent.fields, len(ids), limits)
    rows = map(ColumnFields, repeat(fields), range(len(ids)))
    candidates = list(map(Candidate, ids, count(1), _scores_of(sent, ids), _indices_of(sent, ids), rows))
    max_text = limits.text_kib * 1024
    cut = 0
    # A whole request below the limit of one candidate needs no look at the columns.
    if size > max_text and sum(column.longest() for column in fields.values()) > max_text:
        for candidate in candidates:
            candidate.fields, was_cut = cut_to(candidate.fields, max_text)
            cut += was_cut
    return candidates, cut


class Column:
    """One field's values for all candidates."""

    __slots__ = ("_are_texts", "_ends", "_most", "_other", "_rows", "_sent", "_values")

    def __init__(self, sent: Any, counts: Sequence[int], other: "Column | None") -> None:
        """`counts` empty: one value each. `other` holds the same field's values of another kind."""
        self._are_texts = bool(sent.texts)
        self._sent = values_of(sent)
        self._ends = list(accumulate(counts))
        self._most = max(counts, default=1)
        self._other = other
        self._values: list[Any] | None = None
        self._rows: list[FieldValues] | None = None

    def rows(self) -> list[FieldValues]:
        """The values of all candidates, by place; empty where one has none."""
        if self._rows is None:
            values = self._unpacked()
            if self._ends:
                self._rows = [self.of(place) for place in range(len(self._ends))]
            else:
                self._rows = [[value] for value in values]
        return self._rows

    def alone(self) -> Sequence[Any] | None:
        """The only value of each candidate, by place; None where some have none or several."""
        return None if self._ends else self._unpacked()

    def of(self, place: int) -> FieldValues:
        """The values of the candidate at a place from 0; empty where it has none."""
        values = self._unpacked()
        if not self._ends:
            return values[place : place + 1]
        start = self._ends[place - 1] if place else 0
        found = values[start : self._ends[place]]
        return self._other.of(place) if self._other and not found else found

    def longest(self) -> int:
        """No candidate has more bytes of text in this column."""
        longest = max(map(len, self._unpacked())) if self._are_texts else 0
        bound = longest * self._most * MAX_BYTES_A_CHARACTER
        return bound + (self._other.longest() if self._other else 0)

    def _unpacked(self) -> list[Any]:
        """Reading one value of a message at a time costs more than all at once."""
        if self._values is None:
            self._values = list(self._sent)
        return self._values


class ColumnFields(Mapping[str, FieldValues]):
    """One candidate's fields: a row through the columns."""

    __slots__ = ("columns", "place")

    def __init__(self, columns: Mapping[str, Column], place: int) -> None:
        self.columns = columns
        self.place = place

    def rows(self, name: str) -> Sequence[FieldValues]:
        """One field's values of all candidates, by `place`; empty where none has it."""
        column = self.columns.get(name)
        return () if column is None else column.rows()

    def alone(self, name: str) -> Sequence[Any] | None:
        """One field's only values, by `place`; None where some candidate has none or several."""
        column = self.columns.get(name)
        return None if column is None else column.alone()

    def __getitem__(self, name: str) -> FieldValues:
        values = self.columns[name].of(self.place)
        if not values:
            raise KeyError(name)
        return values

    def get(self, name: str, default: Any = None) -> Any:
        """One field's values: the way that the ranking reads."""
        column = self.columns.get(name)
        return default if column is None else column.of(self.place) or default

    def __iter__(self) -> Iterator[str]:
        return (name for name, column in self.columns.items() if column.of(self.place))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def values_of(sent: Any) -> Sequence[Any]:
    """The filled list of a FieldValue or a FieldColumn."""
    return sent.texts or sent.numbers or sent.flags  # type: ignore[no-any-return]


def _check_ids(ids: list[str]) -> None:
    lengths = list(map(len, ids))
    # 128 characters are never more than 512 bytes.
    if ids and (not min(lengths) or max(lengths) > MAX_ID_BYTES // MAX_BYTES_A_CHARACTER):
        for place, one in enumerate(ids):
            if not 0 < len(one.encode()) <= MAX_ID_BYTES:
                raise BadRequest(f"columns.ids[{place}]", f"must be 1 to {MAX_ID_BYTES} bytes long")


def _scores_of(sent: Any, ids: list[str]) -> list[float]:
    scores = list(sent.scores)
    if not scores:
        return [0.0] * len(ids)
    if len(scores) != len(ids):
        raise BadRequest("columns.scores", f"{len(scores)} for {len(ids)} ids; give one each, or none")
    # 32-bit numbers cannot add up to an infinite one.
    if not math.isfinite(sum(scores)):
        place = next(place for place, score in enumerate(scores) if not math.isfinite(score))
        raise BadRequest(f"columns.scores[{place}]", f"{scores[place]} is not a finite 32-bit number")
    return scores


def _indices_of(sent: Any, ids: list[str]) -> Sequence[str]:
    indices, index_of = list(sent.indices), list(sent.index_of)
    if not index_of:
        return [indices[0] if indices else ""] * len(ids)
    if len(index_of) != len(ids):
        raise BadRequest("columns.index_of", f"{len(index_of)} for {len(ids)} ids; give one each, or none")
    if max(index_of) >= len(indices):
        raise BadRequest("columns.index_of", f"{max(index_of)} is no place in the {len(indices)} `indices`")
    return [indices[place] for place in index_of]


def _fields_of(sent: Sequence[Any], size: int, limits: Limits) -> dict[str, Column]:
    """The columns by name, of `size` candidates."""
    columns: dict[str, Column] = {}
    for place, one in enumerate(sent):
        values = values_of(one)
        counts = list(one.counts)
        if counts:
            if len(counts) != size or sum(counts) != len(values):
                raise BadRequest(
                    f"columns.fields[{place}].counts",
                    f"{len(counts)} that add up to {sum(counts)}, for {size} ids and {len(values)} values",
                )
        elif len(values) != size:
            raise BadRequest(
                f"columns.fields[{place}]",
                f"{len(values)} values for {size} ids; give one each, or say in `counts` who has how many",
            )
        columns[one.name] = Column(one, counts, columns.get(one.name))
    if len(columns) > limits.fields:
        raise BadRequest("columns.fields", f"{len(columns)} are above the limit of {limits.fields}")
    return columns
