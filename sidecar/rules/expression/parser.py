"""From an expression's text to its parts.

Weakest first: `or`, `and`, `not`, comparisons, `+ -`, `* / %`, unary minus. Every part is checked where it is
put together, so whatever `parse` returns can be worked out for any document.
"""

import math
from collections.abc import Callable
from typing import Any, get_args

from sidecar.rules.expression.errors import ExpressionError
from sidecar.rules.expression.functions import NUMERIC, moment
from sidecar.rules.expression.node import (
    AllOf,
    AnyOf,
    Call,
    Comparison,
    DaysSince,
    Duration,
    Exists,
    Field,
    Flag,
    Length,
    Match,
    Matching,
    Moment,
    Negative,
    Node,
    Not,
    Now,
    Number,
    OneOf,
    Order,
    Text,
    depth,
)
from sidecar.rules.expression.regex import check_regex
from sidecar.rules.expression.sorts import agreed, condition, numeric, sort_of, sum_of
from sidecar.rules.expression.words import Word, words_of

MOST_CHARACTERS = 2000
MOST_LEVELS = 50
MOST_LISTED = 500

ORDERS: tuple[str, ...] = get_args(Order)
MATCHINGS: tuple[str, ...] = get_args(Matching)
RESERVED = frozenset({"and", "or", "not", "in", "true", "false", *MATCHINGS})
SECONDS = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
FUNCTIONS = ("now", "date", "days_since", "exists", "length", *NUMERIC)


def parse(text: str) -> Node:
    """The parts of an expression. Raises ExpressionError: the column from 1, and what would be right."""
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(
            f"longer than {MOST_CHARACTERS:,} characters; divide it among several rules", MOST_CHARACTERS + 1
        )
    node = _Parser(words_of(text)).whole()
    if depth(node) > MOST_LEVELS:
        raise ExpressionError(f"more than {MOST_LEVELS} levels deep; divide it among several rules", 1)
    return node


class _Parser:
    """Reads the words from left to right, one function for each strength of binding."""

    def __init__(self, words: list[Word]) -> None:
        self._words = words
        self._place = 0
        self._level = 0

    def whole(self) -> Node:
        node = self._any()
        word = self._word
        if word.kind != "end":
            raise ExpressionError(self._unexpected(word), word.column)
        return node

    @property
    def _word(self) -> Word:
        return self._words[self._place]

    def _next(self) -> Word:
        word = self._words[self._place]
        self._place += 1
        return word

    def _is(self, *texts: str) -> bool:
        return self._word.kind in ("sign", "name") and self._word.text in texts

    def _expect(self, sign: str, why: str) -> None:
        if not self._is(sign):
            raise ExpressionError(f"`{sign}` is missing {why}, found {self._word}", self._word.column)
        self._next()

    def _deeper(self, read: Callable[[], Node]) -> Node:
        """What `read` reads, one level further down. Keeps Python's own stack out of it."""
        self._level += 1
        if self._level > MOST_LEVELS:
            raise ExpressionError(
                f"more than {MOST_LEVELS} levels deep; divide it among several rules", self._word.column
            )
        node = read()
        self._level -= 1
        return node

    def _any(self) -> Node:
        return self._joined("or", self._all, AnyOf)

    def _all(self) -> Node:
        return self._joined("and", self._not, AllOf)

    def _joined(self, word: str, read: Callable[[], Node], kind: Any) -> Node:
        parts = [read()]
        while self._is(word):
            self._next()
            parts.append(read())
        if len(parts) == 1:
            return parts[0]
        return kind(tuple(map(condition, parts)), column=parts[0].column)  # type: ignore[no-any-return]

    def _not(self) -> Node:
        if not self._is("not"):
            return self._comparison()
        column = self._next().column
        return Not(condition(self._deeper(self._not)), column=column)

    def _comparison(self) -> Node:
        left = self._sum()
        word = self._word
        if word.kind == "sign" and word.text in ORDERS:
            self._next()
            right = self._sum()
            if self._word.kind == "sign" and self._word.text in ORDERS:
                raise ExpressionError("one comparison at a time; join two by `and`", self._word.column)
            return self._compared(word, left, right)
        if self._is("in"):
            self._next()
            return self._one_of(left, word.column)
        if self._is("not") and self._words[self._place + 1].text == "in":
            self._place += 2
            return Not(self._one_of(left, word.column), column=left.column)
        if self._is(*MATCHINGS):
            self._next()
            return self._matched(word, left)
        return left

    def _compared(self, word: Word, left: Node, right: Node) -> Node:
        sign: Any = word.text
        left, right = agreed(left, right, word.column, ordered=sign not in ("==", "!="))
        if sign == "!=":
            return Not(Comparison("==", left, right, column=left.column), column=left.column)
        return Comparison(sign, left, right, column=left.column)

    def _one_of(self, left: Node, column: int) -> Node:
        self._expect("[", "after `in`")
        values: list[Node] = []
        while not self._is("]"):
            if values:
                self._expect(",", "between the values of a list")
                if self._is("]"):
                    break
            value = self._sum()
            if not _is_constant(value):
                raise ExpressionError("a list holds texts, numbers, dates, true or false", value.column)
            values.append(value)
            if len(values) > MOST_LISTED:
                raise ExpressionError(f"more than {MOST_LISTED} values in a list", value.column)
        self._next()
        if not values:
            raise ExpressionError("an empty list: nothing is in it", column)
        for place, value in enumerate(values):
            left, values[place] = agreed(left, value, value.column, ordered=False)
        return OneOf(left, tuple(values), column=left.column)

    def _matched(self, word: Word, left: Node) -> Node:
        how: Any = word.text
        if not isinstance(left, Field):
            raise ExpressionError(f"`{how}` looks into a field's text; name a field before it", left.column)
        text = self._next()
        if text.kind != "text":
            raise ExpressionError(f"a text in quotes is needed after `{how}`, found {text}", text.column)
        if not text.text.strip():
            raise ExpressionError(f"`{how}` with an empty text", text.column)
        if how == "matches":
            check_regex(text.text, text.column)
        return Match(how, Field(left.name, "text", column=left.column), text.text, column=left.column)

    def _sum(self) -> Node:
        return self._chained(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._chained(("*", "/", "%"), self._signed)

    def _chained(self, signs: tuple[str, ...], read: Callable[[], Node]) -> Node:
        node = read()
        count = 0
        while self._word.kind == "sign" and self._word.text in signs:
            # Each makes the tree one level deeper, and what looks at a sum's sort goes down all of them.
            count += 1
            if count > MOST_LEVELS:
                raise ExpressionError(
                    f"more than {MOST_LEVELS} terms; divide it among several rules", self._word.column
                )
            sign = self._next()
            node = sum_of(sign.text, node, read(), sign.column)
        return node

    def _signed(self) -> Node:
        if not self._is("-"):
            return self._single()
        column = self._next().column
        node = self._deeper(self._signed)
        if sort_of(node) == "duration":
            return Negative(node, column=column)
        node = numeric(node, column)
        return (
            Number(-node.value, column=column) if isinstance(node, Number) else Negative(node, column=column)
        )

    def _single(self) -> Node:
        word = self._next()
        column = word.column
        if word.kind == "text":
            return Text(word.text, column=column)
        if word.kind == "number":
            return Number(_finite(word.text, column), column=column)
        if word.kind == "duration":
            return Duration(_finite(word.text[:-1], column) * SECONDS[word.text[-1]], column=column)
        if word.kind == "quoted name":
            return Field(word.text, column=column)
        if word.kind == "name":
            return self._named(word)
        if word.kind == "sign" and word.text == "(":
            node = self._deeper(self._any)
            self._expect(")", f"to close the `(` of column {column}")
            return node
        raise ExpressionError(self._unexpected(word), column)

    def _named(self, word: Word) -> Node:
        if self._word.kind == "sign" and self._word.text == "(":
            return self._function(word)
        if word.text in ("true", "false"):
            return Flag(word.text == "true", column=word.column)
        if word.text in RESERVED or (word.text.lower() in RESERVED and word.text.isupper()):
            raise ExpressionError(self._unexpected(word), word.column)
        return Field(word.text, column=word.column)

    def _function(self, word: Word) -> Node:
        name, column = word.text, word.column
        if name not in FUNCTIONS:
            raise ExpressionError(f"there is no function `{name}`. Allowed: {', '.join(FUNCTIONS)}", column)
        arguments = self._arguments(name)
        if name == "now":
            _count(name, arguments, 0, column)
            return Now(column=column)
        if name == "date":
            _count(name, arguments, 1, column)
            (said,) = arguments
            if not isinstance(said, Text):
                raise ExpressionError("date(…) needs a text, as in date('2026-01-31')", said.column)
            return Moment(moment(said.value, said.column), column=column)
        if name in ("days_since", "exists", "length"):
            _count(name, arguments, 1, column)
            (of,) = arguments
            if not isinstance(of, Field):
                raise ExpressionError(f"{name}(…) needs a field's name", of.column)
            if name == "exists":
                return Exists(of, column=column)
            if name == "length":
                return Length(Field(of.name, "text", column=of.column), column=column)
            return DaysSince(Field(of.name, "date", column=of.column), column=column)
        least, most = NUMERIC[name]
        if not least <= len(arguments) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise ExpressionError(f"{name}(…) needs {wanted} numbers, found {len(arguments)}", column)
        return Call(name, tuple(numeric(one, one.column) for one in arguments), column=column)

    def _arguments(self, name: str) -> list[Node]:
        self._next()
        arguments: list[Node] = []
        while not self._is(")"):
            if arguments:
                self._expect(",", f"between the arguments of {name}(…)")
            arguments.append(self._deeper(self._any))
        self._next()
        return arguments

    @staticmethod
    def _unexpected(word: Word) -> str:
        if word.kind == "end":
            return "the expression ends too early"
        if word.text.lower() in RESERVED and word.text.isupper():
            return f"{word} is written in small letters"
        if word.kind == "name" and word.text not in RESERVED:
            return f"{word} is not expected here; a text stands in quotes, a field with spaces in back-quotes"
        return f"{word} is not expected here"


def _count(name: str, arguments: list[Node], wanted: int, column: int) -> None:
    if len(arguments) != wanted:
        said = {0: "nothing between its brackets", 1: "one argument"}[wanted]
        raise ExpressionError(f"{name}(…) needs {said}, found {len(arguments)}", column)


def _finite(text: str, column: int) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ExpressionError(f"`{text}` is too large a number", column)
    return value


def _is_constant(node: Node) -> bool:
    return isinstance(node, Text | Number | Flag | Moment | Duration)
