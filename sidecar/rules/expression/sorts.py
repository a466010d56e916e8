"""What the parts of an expression yield, and which of these go together."""

from dataclasses import replace
from typing import Literal

from sidecar.rules.expression.errors import ExpressionError
from sidecar.rules.expression.node import (
    Arithmetic,
    Call,
    DaysSince,
    Duration,
    Field,
    FieldKind,
    Flag,
    Length,
    Moment,
    Negative,
    Node,
    Now,
    Number,
    Text,
    walk,
)

DAY = 86_400.0

Sort = Literal["text", "number", "date", "duration", "flag", "condition"]

NAMES: dict[Sort, str] = {
    "text": "a text",
    "number": "a number",
    "date": "a date",
    "duration": "a duration",
    "flag": "true or false",
    "condition": "a condition",
}

SUMS: dict[tuple[str, Sort, Sort], Sort] = {
    ("+", "number", "number"): "number",
    ("-", "number", "number"): "number",
    ("*", "number", "number"): "number",
    ("/", "number", "number"): "number",
    ("%", "number", "number"): "number",
    ("+", "date", "duration"): "date",
    ("+", "duration", "date"): "date",
    ("-", "date", "duration"): "date",
    ("-", "date", "date"): "duration",
    ("+", "duration", "duration"): "duration",
    ("-", "duration", "duration"): "duration",
    ("*", "duration", "number"): "duration",
    ("*", "number", "duration"): "duration",
    ("/", "duration", "number"): "duration",
    ("/", "duration", "duration"): "number",
}
"""What arithmetic yields; all else is refused."""


def sort_of(node: Node) -> Sort | None:
    """What a part yields; None for a field of which nothing is known yet."""
    match node:
        case Field(kind=kind):
            return kind
        case Text():
            return "text"
        case Number() | DaysSince() | Length() | Call():
            return "number"
        case Flag():
            return "flag"
        case Duration():
            return "duration"
        case Moment() | Now():
            return "date"
        case Negative(of=of):
            return sort_of(of)
        case Arithmetic(sign=sign, left=left, right=right):
            return SUMS[sign, sort_of(left) or "number", sort_of(right) or "number"]
        case _:
            return "condition"


def taken_for(node: Node, kind: FieldKind) -> Node:
    """A field of which nothing is known yet is taken for `kind`; all else stays."""
    if isinstance(node, Field) and node.kind is None:
        return replace(node, kind=kind)
    return node


def sum_of(sign: str, left: Node, right: Node, column: int) -> Node:
    """Arithmetic. Raises ExpressionError where the sorts do not go together.

    A field beside a duration or a date is a date; beside anything else it is a number.
    """
    others = {sort_of(left), sort_of(right)}
    timely = "date" in others or "duration" in others
    kind: FieldKind = "date" if timely and sign in "+-" else "number"
    left, right = taken_for(left, kind), taken_for(right, kind)
    found = (sign, sort_of(left) or "number", sort_of(right) or "number")
    if found not in SUMS:
        raise ExpressionError(
            f"`{sign}` between {NAMES[found[1]]} and {NAMES[found[2]]}: there is no such arithmetic", column
        )
    return Arithmetic(sign, left, right, column=column)


def numeric(node: Node, column: int) -> Node:
    """The part as a number. Raises ExpressionError where it is none."""
    node = taken_for(node, "number")
    sort = sort_of(node)
    if sort != "number":
        hint = "; days_since(field) tells a date's age as a number" if sort in ("date", "duration") else ""
        raise ExpressionError(f"a number is needed here, found {NAMES[sort or 'number']}{hint}", column)
    return node


def condition(node: Node) -> Node:
    """The part as a condition: a field alone is true or false. Raises ExpressionError where it is none."""
    node = taken_for(node, "flag")
    sort = sort_of(node)
    if sort not in ("condition", "flag"):
        raise ExpressionError(
            f"a condition is needed here, found {NAMES[sort or 'flag']}; compare it, as in `price < 100`",
            node.column,
        )
    return node


def agreed(left: Node, right: Node, column: int, *, ordered: bool) -> tuple[Node, Node]:
    """Both sides of a comparison, of one sort. Raises ExpressionError where they are not.

    A field is taken for what the other side is. Two fields may be of any sort, as long as it is the same;
    which of two is first is asked of numbers.
    """
    if sort_of(left) is None and sort_of(right) is None and ordered:
        return taken_for(left, "number"), taken_for(right, "number")
    for one, other in ((left, right), (right, left)):
        sort = sort_of(other)
        if isinstance(one, Field) and one.kind is None and sort in ("text", "number", "date", "flag"):
            left, right = taken_for(left, sort), taken_for(right, sort)
    found, sort = sort_of(left), sort_of(right)
    if found is None and sort is None:
        return left, right
    if found != sort or "condition" in (found, sort):
        raise ExpressionError(_why_not(left, right), column)
    if ordered and found == "flag":
        raise ExpressionError("true and false have no order; write `== true` or `== false`", column)
    return left, right


def _why_not(one: Node, other: Node) -> str:
    left, right = sort_of(one), sort_of(other)
    both = {left, right}
    if "condition" in both:
        return "a condition is not compared; join conditions by `and` and `or`"
    if None in both:
        return "a field is not a duration; write `now() - field < 30d`, or `days_since(field) < 30`"
    told = f"{NAMES[left or 'text']} is compared with {NAMES[right or 'text']}"
    if both == {"number", "text"}:
        return f"{told}; leave out the quotes for a number"
    if both == {"date", "text"}:
        return f"{told}; write date('2026-01-31')"
    if both == {"number", "duration"}:
        for duration, number in ((one, other), (other, one)):
            if isinstance(duration, Duration) and any(isinstance(part, DaysSince) for part in walk(number)):
                return f"{told}; days_since(field) is a number of days: write {duration.seconds / DAY:g}"
    if "duration" in both:
        return f"{told}; write a duration such as 30d on the other side, or use days_since(field)"
    return told
