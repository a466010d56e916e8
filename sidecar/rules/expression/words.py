"""An expression's text cut into words and signs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sidecar.rules.expression.errors import ExpressionError

WordKind = Literal["text", "number", "duration", "name", "quoted name", "sign", "end"]

WORD = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<duration>\d+(?:\.\d+)?[wdhms](?![\w.]))
      | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      | (?P<quoted>`[^`]+`)
      | (?P<name>@?[^\W\d]\w*(?:\.\w+)*)
      | (?P<sign>(?!<>|[=!]==)(?:==|!=|<=|>=|[-<>+*/%()\[\],]))
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)

# What people write who know other languages; the longer of two that begin alike first.
OTHERS = {
    "===": "==",
    "!==": "!=",
    "=>": ">=",
    "=<": "<=",
    "&&": "and",
    "||": "or",
    "!": "not",
    "=": "==",
    "<>": "!=",
    "~": "matches",
    "&": "and",
    "|": "or",
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word or sign; `text` without its quotes; `column` from 1."""

    kind: WordKind
    text: str
    column: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"`{self.text}`"


def words_of(text: str) -> list[Word]:
    """The words in order, an "end" last. Raises ExpressionError for a sign that means nothing."""
    return list(_words(text))


def _words(text: str) -> Iterator[Word]:
    place = 0
    while True:
        match = WORD.match(text, place)
        if match is None:
            raise _meaningless(text, place)
        kind = match.lastgroup or "end"
        word = match.group(kind)
        column = match.start(kind) + 1
        if kind == "text":
            quote = word[0]
            yield Word("text", word[1:-1].replace(quote * 2, quote), column)
        elif kind == "quoted":
            yield Word("quoted name", word[1:-1], column)
        else:
            yield Word(kind, word, column)  # type: ignore[arg-type]
        if kind == "end":
            return
        place = match.end()


def _meaningless(text: str, place: int) -> ExpressionError:
    while text[place].isspace():
        place += 1
    rest, column = text[place:], place + 1
    if rest[0] in "'\"`":
        return ExpressionError(f"the {rest[0]} is never closed", column)
    if rest[0].isdigit() or rest[0] == ".":
        word = re.match(r"[\w.]+", rest)
        return ExpressionError(
            f"`{word.group() if word else rest[0]}` is no number; write 12.5, or 30d, 12h, 5m for a time",
            column,
        )
    for sign, ours in OTHERS.items():
        if rest.startswith(sign):
            return ExpressionError(f"`{sign}` is not used here; write `{ours}`", column)
    return ExpressionError(f"`{rest[0]}` means nothing here; put a text into quotes", column)
