"""What an expression is made of, once it is read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

FieldKind = Literal["text", "number", "date", "flag"]
"""What a field's values are; an expression asks for one of these, and other values are missing to it."""

Order = Literal["==", "!=", "<", "<=", ">", ">="]
Matching = Literal["contains", "starts_with", "matches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A part of an expression; `column` is where it begins, from 1."""

    column: int = field(default=1, compare=False)

    def parts(self) -> "tuple[Node, ...]":
        """The parts that it is made of itself."""
        return ()


@dataclass(frozen=True, slots=True)
class Text(Node):
    """'red'"""

    value: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """12.5"""

    value: float


@dataclass(frozen=True, slots=True)
class Flag(Node):
    """true"""

    value: bool


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """30d, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Moment(Node):
    """date('2026-01-01'), in seconds since 1970."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Now(Node):
    """now()"""


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A field, and what its values are taken for. None: it is compared with another field, either will do."""

    name: str
    kind: FieldKind | None = None


@dataclass(frozen=True, slots=True)
class Exists(Node):
    """exists(stock)"""

    field: Field

    def parts(self) -> tuple[Node, ...]:
        return (self.field,)


@dataclass(frozen=True, slots=True)
class DaysSince(Node):
    """days_since(released)"""

    field: Field

    def parts(self) -> tuple[Node, ...]:
        return (self.field,)


@dataclass(frozen=True, slots=True)
class Length(Node):
    """length(title), in characters."""

    field: Field

    def parts(self) -> tuple[Node, ...]:
        return (self.field,)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """abs, min, max, log or round of numbers."""

    name: str
    arguments: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        return self.arguments


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """price * 2"""

    sign: str
    left: Node
    right: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """-price"""

    of: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """price < 100; both sides are of the same sort."""

    sign: Order
    left: Node
    right: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """color in ['red', 'blue']; `not in` is Not of it."""

    of: Node
    values: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        return (self.of, *self.values)


@dataclass(frozen=True, slots=True)
class Match(Node):
    """title contains 'running shoes'"""

    how: Matching
    field: Field
    text: str

    def parts(self) -> tuple[Node, ...]:
        return (self.field,)


@dataclass(frozen=True, slots=True)
class Not(Node):
    """not stock > 0"""

    of: Node

    def parts(self) -> tuple[Node, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True)
class AllOf(Node):
    """a and b and c"""

    of: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        return self.of


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """a or b or c"""

    of: tuple[Node, ...]

    def parts(self) -> tuple[Node, ...]:
        return self.of


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the text's order."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(one.parts()))


def depth(node: Node) -> int:
    """How many levels a tree has; 1 for a leaf. Does not recurse: a chain may be as long as the text."""
    levels, level = 0, [node]
    while level:
        levels += 1
        level = [part for one in level for part in one.parts()]
    return levels
