"""`==`, `<`, `in`: of a field's values one is enough."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from sidecar.rules.columns import Columns
from sidecar.rules.expression.node import Field, Flag, Node, Order, Text
from sidecar.rules.expression.sorts import sort_of
from sidecar.text.folding import folded

Step = Callable[[Columns], Any]

ORDERS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TURNED: dict[str, Order] = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compared(sign: str, left: Node, right: Node, number: Callable[[Node], Step]) -> Step:
    """Whether the comparison holds. `number` makes ready what yields numbers, dates or durations."""
    if isinstance(right, Field) and not isinstance(left, Field):
        sign, left, right = TURNED[sign], right, left
    sort = sort_of(left)
    if isinstance(left, Field) and isinstance(right, Field):
        if sort is None:
            return _same_values(left.name, right.name)
        return _any_pair(ORDERS[sign], _every(left, number), _every(right, number))
    if sort == "text":
        return _text_compared(sign, left, right)
    if sort == "flag":
        return _flag_compared(left, right)
    compare = ORDERS[sign]
    first, second = _every(left, number), number(right)
    if not isinstance(left, Field):
        return lambda columns: compare(first(columns), second(columns))
    return _any_value(compare, first, second)


def one_of(of: Node, values: tuple[Node, ...], number: Callable[[Node], Step]) -> Step:
    """Whether any of the values is in the list."""
    if sort_of(of) == "text":
        texts = [folded(value.value) for value in values if isinstance(value, Text)]
        if isinstance(of, Field):
            return _text_among(of.name, frozenset(texts))
        same = isinstance(of, Text) and folded(of.value) in texts
        return lambda _: same
    steps = [compared("==", of, value, number) for value in values]

    def step(columns: Columns) -> Any:
        found = steps[0](columns)
        for other in steps[1:]:
            found = np.logical_or(found, other(columns))
        return found

    return step


def _every(node: Node, number: Callable[[Node], Step]) -> Step:
    """All values of a field [n, m]; of anything else what it yields."""
    if not isinstance(node, Field):
        return number(node)
    name = node.name
    if node.kind == "date":
        return lambda columns: columns.all_dates(name)
    return lambda columns: columns.all_numbers(name)


def _any_value(compare: Callable[[Any, Any], Any], first: Step, second: Step) -> Step:
    def step(columns: Columns) -> Any:
        values, other = first(columns), second(columns)
        found = compare(values[:, 0], other)
        for column in range(1, values.shape[1]):
            found = found | compare(values[:, column], other)
        return found

    return step


def _any_pair(compare: Callable[[Any, Any], Any], first: Step, second: Step) -> Step:
    def step(columns: Columns) -> Any:
        left, right = first(columns), second(columns)
        return compare(left[:, :, None], right[:, None, :]).any(axis=(1, 2))

    return step


def _same_values(first: str, second: str) -> Step:
    """Whether two fields share a value: the same number, or the same text."""

    def step(columns: Columns) -> Any:
        numbers = columns.all_numbers(first)[:, :, None] == columns.all_numbers(second)[:, None, :]
        pairs = zip(columns.texts(first), columns.texts(second), strict=True)
        texts = [
            bool(left) and bool(right) and not set(map(folded, left)).isdisjoint(map(folded, right))
            for left, right in pairs
        ]
        return numbers.any(axis=(1, 2)) | np.array(texts, np.bool_)

    return step


def _flag_compared(left: Node, right: Node) -> Step:
    wanted = right.value if isinstance(right, Flag) else False
    if isinstance(left, Field):
        name, column = left.name, int(wanted)
        return lambda columns: columns.flags(name)[:, column] == 1
    same = isinstance(left, Flag) and left.value == wanted
    return lambda _: same


def _text_compared(sign: str, left: Node, right: Node) -> Step:
    wanted = folded(right.value) if isinstance(right, Text) else ""
    compare = ORDERS[sign]
    if not isinstance(left, Field):
        found = isinstance(left, Text) and bool(compare(folded(left.value), wanted))
        return lambda _: found
    name = left.name
    if sign == "==":
        return _text_among(name, frozenset([wanted]))

    def step(columns: Columns) -> Any:
        codes, known = columns.codes(name)
        return _among(codes, len(known), [code for text, code in known.items() if compare(text, wanted)])

    return step


def _text_among(name: str, wanted: frozenset[str]) -> Step:
    def step(columns: Columns) -> Any:
        codes, known = columns.codes(name)
        smaller, larger = (wanted, known) if len(wanted) < len(known) else (known, wanted)
        return _among(codes, len(known), [known[text] for text in smaller if text in larger])

    return step


def _among(codes: Any, size: int, wanted: list[int]) -> Any:
    """[n] whether any code is one of these."""
    if not wanted:
        return np.zeros(len(codes), np.bool_)
    if len(wanted) == 1:
        found = codes[:, 0] == wanted[0]
        for column in range(1, codes.shape[1]):
            found |= codes[:, column] == wanted[0]
        return found
    # One more place: -1, which stands for no value, reads the last.
    table = np.zeros(size + 1, np.bool_)
    table[wanted] = True
    return table[codes[:, 0]] if codes.shape[1] == 1 else table[codes].any(axis=1)
