"""Expressions made ready once, so that working one out for a search is a handful of array operations."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.rules.columns import Columns
from sidecar.rules.expression.clauses import clauses_of
from sidecar.rules.expression.comparing import compared, one_of
from sidecar.rules.expression.matching import matched
from sidecar.rules.expression.node import (
    AllOf,
    AnyOf,
    Arithmetic,
    Call,
    Comparison,
    DaysSince,
    Duration,
    Exists,
    Field,
    Flag,
    Length,
    Match,
    Moment,
    Negative,
    Node,
    Not,
    Now,
    Number,
    OneOf,
    walk,
)
from sidecar.rules.expression.parser import parse
from sidecar.rules.expression.sorts import DAY, condition, numeric

Step = Callable[[Columns], Any]
"""Yields [n], or one value for all hits."""


class CompiledFilter:
    """A condition over documents. `fields` are those that it reads; `clauses` are there where it can be
    worked out together with others (`FilterTable`)."""

    __slots__ = ("_step", "clauses", "fields", "node", "text")

    def __init__(self, text: str, node: Node) -> None:
        self.text = text
        self.node = node
        self.fields = names_of(node)
        self.clauses = clauses_of(node, _condition)
        self._step = _condition(node)

    def of(self, columns: Columns) -> NDArray[np.bool_]:
        """[n] whether it holds for each hit."""
        found = self._step(columns)
        return found if isinstance(found, np.ndarray) else np.full(columns.count, bool(found))


class CompiledNumber:
    """A number of each document. `fields` are those that it reads."""

    __slots__ = ("_step", "fields", "node", "text")

    def __init__(self, text: str, node: Node) -> None:
        self.text = text
        self.node = node
        self.fields = names_of(node)
        self._step = _number(node)

    def of(self, columns: Columns) -> NDArray[np.float64]:
        """[n] finite, or NaN where a value is missing or the arithmetic has no result."""
        found = self._step(columns)
        return found if isinstance(found, np.ndarray) else np.full(columns.count, float(found))


def compile_filter(text: str) -> CompiledFilter:
    """The condition that a text says. Raises ExpressionError."""
    return CompiledFilter(text, condition(parse(text)))


def compile_number(text: str) -> CompiledNumber:
    """The number that a text says. Raises ExpressionError."""
    node = parse(text)
    return CompiledNumber(text, numeric(node, node.column))


def names_of(node: Node) -> tuple[str, ...]:
    """The fields that an expression reads, by name."""
    return tuple(sorted({one.name for one in walk(node) if isinstance(one, Field)}))


def _condition(node: Node) -> Step:
    match node:
        case AllOf(of=of):
            return _folded(np.logical_and, [_condition(one) for one in of])
        case AnyOf(of=of):
            return _folded(np.logical_or, [_condition(one) for one in of])
        case Not(of=of):
            step = _condition(of)
            return lambda columns: np.logical_not(step(columns))
        case Flag(value=value):
            return lambda _: value
        case Field(name=name):
            return lambda columns: columns.flags(name)[:, 1] == 1
        case Exists(field=field):
            name = field.name
            return lambda columns: columns.exists(name)
        case Match(how=how, field=field, text=text):
            return matched(how, field.name, text)
        case OneOf(of=of, values=values):
            return one_of(of, values, _number)
        case Comparison(sign=sign, left=left, right=right):
            return compared(sign, left, right, _number)
    raise AssertionError(f"{node} is no condition")


def _folded(join: np.ufunc, steps: list[Step]) -> Step:
    first, *others = steps

    def step(columns: Columns) -> Any:
        found = first(columns)
        for other in others:
            found = join(found, other(columns))
        return found

    return step


def _number(node: Node) -> Step:
    """Numbers, and dates and durations in seconds: finite, or NaN where they are missing."""
    if not isinstance(node, Arithmetic | Call | Negative):
        return _leaf(node)
    step = _calculated(node)

    def quietly(columns: Columns) -> Any:
        with np.errstate(all="ignore"):
            return _finite(step(columns))

    return quietly


def _leaf(node: Node) -> Step:
    match node:
        case Number(value=value) | Duration(seconds=value) | Moment(seconds=value):
            return lambda _: value
        case Now():
            return lambda columns: columns.now
        case Field(name=name, kind="date"):
            return lambda columns: columns.dates(name)
        case Field(name=name):
            return lambda columns: columns.numbers(name)
        case DaysSince(field=field):
            name = field.name
            return lambda columns: (columns.now - columns.dates(name)) / DAY
        case Length(field=field):
            return _length(field.name)
    raise AssertionError(f"{node} is no number")


SIGNS: dict[str, np.ufunc] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.mod,
}
FUNCTIONS: dict[str, np.ufunc] = {
    "abs": np.absolute,
    "log": np.log,
    "round": np.rint,
    "min": np.minimum,
    "max": np.maximum,
}


def _calculated(node: Node) -> Step:
    """What has no result (a division by zero, an overflow) is infinite or NaN, and never finite again.

    Dividing by what is infinite would make it so, and so would the smaller of two: there it is made NaN.
    """
    match node:
        case Negative(of=of):
            step = _calculated(of)
            return lambda columns: np.negative(step(columns))
        case Arithmetic(sign=sign, left=left, right=right):
            join = SIGNS[sign]
            first = _calculated(left)
            second = _settled(right) if sign in "/%" else _calculated(right)
            return lambda columns: join(first(columns), second(columns))
        case Call(name=name, arguments=(only,)):
            function, step = FUNCTIONS[name], _calculated(only)
            return lambda columns: function(step(columns))
        case Call(name=name, arguments=arguments):
            return _folded(FUNCTIONS[name], [_settled(one) for one in arguments])
    return _leaf(node)


def _settled(node: Node) -> Step:
    step = _calculated(node)
    if not isinstance(node, Arithmetic | Call | Negative):
        return step
    return lambda columns: _finite(step(columns))


def _finite(found: Any) -> Any:
    """NaN in place of what is infinite: infinity less itself is none, and a number less itself is 0."""
    return found + (found - found)


def _length(name: str) -> Step:
    def step(columns: Columns) -> Any:
        return np.array([len(texts[0]) if texts else math.nan for texts in columns.texts(name)], np.float64)

    return step
