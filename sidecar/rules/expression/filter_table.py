"""Many conditions worked out at once: comparing a field with all their values is one array operation."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.rules.columns import Columns
from sidecar.rules.expression.clauses import Clause, NumberPart, OtherPart, Part, TextPart
from sidecar.rules.expression.comparing import ORDERS

Table = NDArray[np.bool_]
Rows = NDArray[np.intp]
Filling = Callable[[Columns, Table], None]
"""Writes some rows of the table; each row is a part."""


class FilterTable:
    """k conditions, each as its clauses. Says the same as `CompiledFilter.of` one after the other."""

    def __init__(self, conditions: Sequence[Sequence[Clause]]) -> None:
        clauses = [clause for one in conditions for clause in one]
        parts = [part for clause in clauses for part in clause.parts]
        self._steps, row_of = _steps(parts)
        self._size = len(parts)
        negated, rows_of_clauses, used = [], [], 0
        for clause in clauses:
            rows_of_clauses.append(row_of[used : used + len(clause.parts)])
            used += len(clause.parts)
            if clause.negated:
                negated += rows_of_clauses[-1]
        self._negated = np.array(negated, np.intp)
        self._any_part = _Joined(np.logical_or, rows_of_clauses)
        ends = np.cumsum([len(one) for one in conditions]).tolist()
        self._all_clauses = _Joined(
            np.logical_and,
            [list(range(end - len(one), end)) for one, end in zip(conditions, ends, strict=True)],
        )

    def of(self, columns: Columns) -> Table:
        """bool [k, n]: whether each condition holds for each hit."""
        table = np.empty((self._size, columns.count), np.bool_)
        for step in self._steps:
            step(columns, table)
        if len(self._negated):
            table[self._negated] = ~table[self._negated]
        return self._all_clauses.of(self._any_part.of(table))


class _Joined:
    """Rows joined to fewer rows."""

    def __init__(self, join: np.ufunc, rows: Sequence[Sequence[int]]) -> None:
        """`rows` are, for each row that is made, those that it is made of: one or more."""
        self._join = join
        self._first = np.array([one[0] for one in rows], np.intp)
        self._others: list[tuple[Rows, Rows]] = []
        for at in range(1, max(map(len, rows), default=1)):
            made = [row for row, one in enumerate(rows) if len(one) > at]
            self._others.append((np.array(made, np.intp), np.array([rows[row][at] for row in made], np.intp)))

    def of(self, table: Table) -> Table:
        joined = table.take(self._first, axis=0)
        for made, rows in self._others:
            joined[made] = self._join(joined[made], table.take(rows, axis=0))
        return joined


def _steps(parts: Sequence[Part]) -> tuple[list[Filling], list[int]]:
    """What fills the table's rows, and the row of each part: those that go together stand together."""
    groups: dict[object, list[int]] = {}
    for at, part in enumerate(parts):
        groups.setdefault(_group_of(part, at), []).append(at)
    steps: list[Filling] = []
    row_of = [0] * len(parts)
    begin = 0
    for group in groups.values():
        rows = slice(begin, begin + len(group))
        for row, at in enumerate(group, begin):
            row_of[at] = row
        begin = rows.stop
        steps.append(_step([parts[at] for at in group], rows))
    return steps, row_of


def _group_of(part: Part, at: int) -> object:
    if isinstance(part, TextPart):
        return part.field
    if isinstance(part, NumberPart):
        return part.field, part.is_date, part.sign
    return at


def _step(parts: Sequence[Any], rows: slice) -> Filling:
    """`parts` are of one group."""
    first: Part = parts[0]
    if isinstance(first, TextPart):
        return _text_step(first.field, [part.texts for part in parts], rows)
    if isinstance(first, NumberPart):
        return _number_step(first, [part.value for part in parts], rows)
    return _other_step(first, rows)


def _text_step(field: str, wanted: Sequence[Sequence[str]], rows: slice) -> Filling:
    pairs = [(at, text) for at, texts in enumerate(wanted) for text in texts]
    parts = np.array([at for at, _ in pairs], np.intp)
    texts = [text for _, text in pairs]

    def step(columns: Columns, table: Table) -> None:
        codes, known = columns.codes(field)
        # One more place: -1, which stands for no value and for a text that no hit has, means the last.
        among = np.zeros((len(wanted), len(known) + 1), np.bool_)
        among[parts, [known.get(text, -1) for text in texts]] = True
        among[:, -1] = False
        if codes.shape[1] == 1:
            among.take(codes[:, 0], axis=1, out=table[rows], mode="wrap")
        else:
            table[rows] = among[:, codes].any(axis=2)

    return step


def _number_step(like: NumberPart, wanted: Sequence[float], rows: slice) -> Filling:
    field, is_date, compare = like.field, like.is_date, ORDERS[like.sign]
    values = np.array(wanted)[:, None]

    def step(columns: Columns, table: Table) -> None:
        numbers = columns.all_dates(field) if is_date else columns.all_numbers(field)
        found = compare(numbers[:, 0], values)
        for column in range(1, numbers.shape[1]):
            found |= compare(numbers[:, column], values)
        table[rows] = found

    return step


def _other_step(part: OtherPart, rows: slice) -> Filling:
    work = part.step

    def step(columns: Columns, table: Table) -> None:
        table[rows] = work(columns)

    return step
