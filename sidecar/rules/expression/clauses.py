"""A condition as clauses: all of them must hold, and of each clause one part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sidecar.rules.expression.comparing import TURNED, Step
from sidecar.rules.expression.node import (
    AllOf,
    AnyOf,
    Comparison,
    Field,
    Match,
    Moment,
    Node,
    Not,
    Number,
    OneOf,
    Order,
    Text,
    walk,
)
from sidecar.text.folding import folded


@dataclass(frozen=True, slots=True)
class TextPart:
    """A value of the field is one of these texts, which are folded."""

    field: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberPart:
    """A number of the field, or a date in seconds, compares so with `value`."""

    field: str
    is_date: bool
    sign: Order
    value: float


@dataclass(frozen=True, slots=True)
class OtherPart:
    """A condition that can only be worked out by itself."""

    step: Step


Part = TextPart | NumberPart | OtherPart


@dataclass(frozen=True, slots=True)
class Clause:
    """One of the parts holds; where `negated` it does not (there is one part then)."""

    parts: Sequence[Part]
    negated: bool = False


def clauses_of(node: Node, condition: Callable[[Node], Step]) -> Sequence[Clause] | None:
    """The clauses of a condition. `condition` makes ready what can only be worked out by itself.

    None where a regular expression is among them (`matches`): it may take long, and then it must be seen
    whose fault that was.
    """
    if any(isinstance(one, Match) and one.how == "matches" for one in walk(node)):
        return None
    return [_clause(one, condition) for one in (node.of if isinstance(node, AllOf) else (node,))]


def _clause(node: Node, condition: Callable[[Node], Step]) -> Clause:
    if isinstance(node, Not):
        negated = _comparisons(node.of)
        if len(negated) == 1:
            return Clause(negated, negated=True)
    if isinstance(node, AnyOf):
        return Clause([part for one in node.of for part in _comparisons(one) or [OtherPart(condition(one))]])
    return Clause(_comparisons(node) or [OtherPart(condition(node))])


def _comparisons(node: Node) -> list[Part]:
    """Those of a field with constants, one of which holds where the node does; empty where it is none."""
    if isinstance(node, Comparison):
        part = _comparison(node.sign, node.left, node.right)
        return [] if part is None else [part]
    if isinstance(node, OneOf) and isinstance(node.of, Field):
        if node.of.kind == "text":
            return [
                TextPart(
                    node.of.name, tuple([folded(one.value) for one in node.values if isinstance(one, Text)])
                )
            ]
        parts = [_comparison("==", node.of, value) for value in node.values]
        return [] if None in parts else [part for part in parts if part is not None]
    return []


def _comparison(sign: Order, left: Node, right: Node) -> Part | None:
    """None where it is not a field beside a constant."""
    if isinstance(right, Field) and not isinstance(left, Field):
        sign, left, right = TURNED[sign], right, left
    if not isinstance(left, Field):
        return None
    match right:
        case Text(value=text) if sign == "==":
            return TextPart(left.name, (folded(text),))
        case Number(value=value) | Moment(seconds=value):
            return NumberPart(left.name, left.kind == "date", sign, value)
    return None
