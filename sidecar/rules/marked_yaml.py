"""YAML as people write rules in it, with the line of everything, and nothing that could explode.

A part of YAML 1.2: keys and values, lists, texts, numbers, true and false. A number is written as in JSON;
`no`, `on`, dates, and what only YAML 1.1 takes for a number (`0123`, `10:30`, `1_000`, `0x1F`) are texts as
they are written, and so is every key. Anchors, aliases, tags and several documents in a file are refused, and
so is a key that is there twice.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

MOST_LEVELS = 32
FLAG = "tag:yaml.org,2002:bool"
NUMBERS = {
    "tag:yaml.org,2002:int": re.compile(r"[-+]?(0|[1-9][0-9]*)"),
    "tag:yaml.org,2002:float": re.compile(
        r"[-+]?((0|[1-9][0-9]*)?\.[0-9]*([eE][-+]?[0-9]+)?|\.(inf|nan))", re.I
    ),
}
"""How numbers are written. A catalogue's 0123 is no 83, and 10:30 on a page no 630."""
PLAIN_VALUES = frozenset({"tag:yaml.org,2002:null", FLAG, *NUMBERS})
ODD_BREAKS = re.compile("[\x85\u2028\u2029]")
"""End a line for the parser, as in YAML 1.1, but not for YAML 1.2 and editors."""
HINTS = {
    "mapping values are not allowed": "put a value with `: ` in it into quotes",
    "did not find expected key": "keys that belong together begin in the same column, and a text that has "
    "quotes in it is in quotes as a whole",
    "did not find expected ','": "put a text that has quotes, brackets, a comma or `: ` in it into quotes",
    "cannot start any token": "put a text that begins with @ or ` into quotes",
    "unknown escape character": "a text with \\ in it is put into single quotes",
}
"""What would be right, by what the parser says."""

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser is some ten times as fast."""


class YamlRefused(ValueError):
    """Text that is not what rules are written in: the line from 1, and what would be right."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(slots=True)
class Lines:
    """Where a value was written, from 1, and where what is inside it was."""

    line: int
    inside: dict[Any, "Lines"] = field(default_factory=dict)

    def of(self, path: Sequence[Any]) -> int:
        """The line of what lies at `path` (keys, places in lists from 0), or of what is nearest above it."""
        return self.at(path).line

    def at(self, path: Sequence[Any]) -> "Lines":
        """The lines of what lies at `path`, or of what is nearest above it."""
        found = self
        for part in path:
            if part not in found.inside:
                break
            found = found.inside[part]
        return found


def read_marked(text: str) -> tuple[Any, Lines]:
    """The data and the lines; None for an empty text. Raises YamlRefused."""
    reader = _Reader(text)
    try:
        return reader.whole()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = reader.line_of(mark) if mark else 0
        written = text.split("\n")[line - 1] if 0 < line <= text.count("\n") + 1 else ""
        raise YamlRefused(_said(error, written), line) from error
    except yaml.YAMLError as error:
        place = getattr(error, "position", None)
        line = text.count("\n", 0, place) + 1 if isinstance(place, int) else 0
        raise YamlRefused("this is no text that YAML allows; is it a binary file?", line) from error


def _said(error: yaml.MarkedYAMLError, line: str) -> str:
    problem = error.problem or "not valid YAML"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab where only spaces may stand; indent by spaces"
    hint = next((f"; {hint}" for said, hint in HINTS.items() if said in problem), "")
    return f"{error.context}: {problem}{hint}" if error.context else f"{problem}{hint}"


class _Reader:
    """Takes the parser's events one by one; does not recurse, however deep the text is."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=Loader))
        self._odd_breaks = [found.start() for found in ODD_BREAKS.finditer(text)]
        self._resolve: Any = Resolver().resolve
        self._construct: Any = SafeConstructor().construct_object

    def line_of(self, mark: Any) -> int:
        """The line from 1, as editors count."""
        return int(mark.line) + 1 - bisect_left(self._odd_breaks, mark.index)

    def whole(self) -> tuple[Any, Lines]:
        root: list[Any] = []
        marks = Lines(1)
        open_: list[tuple[Any, Lines, Any]] = [(root, marks, None)]
        documents = 0
        for event in self._events:
            kind = event.__class__
            if kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise YamlRefused("a second document (`---`); one a file", self.line_of(event.start_mark))
            elif kind is yaml.AliasEvent or getattr(event, "anchor", None) is not None:
                raise YamlRefused(
                    "anchors and aliases (`&name`, `*name`) are not used here; write it out, or put a text "
                    "that begins with & or * into quotes",
                    self.line_of(event.start_mark),
                )
            elif kind is yaml.ScalarEvent:
                value = self._value(event, is_key=open_[-1][2] is _NO_KEY)
                self._add(open_, value, Lines(self.line_of(event.start_mark)))
            elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
                self._open(open_, event)
            elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                open_.pop()
        return (root[0], marks.inside[0]) if root else (None, marks)

    def _open(self, open_: list[tuple[Any, Lines, Any]], event: Any) -> None:
        line = self.line_of(event.start_mark)
        if event.tag is not None:
            raise YamlRefused(f"the tag `{event.tag}` is not used here; leave it out", line)
        if len(open_) > MOST_LEVELS:
            raise YamlRefused(f"more than {MOST_LEVELS} levels deep", line)
        inside: Any = {} if event.__class__ is yaml.MappingStartEvent else []
        marks = Lines(line)
        self._add(open_, inside, marks)
        open_.append((inside, marks, _NO_KEY if isinstance(inside, dict) else None))

    @staticmethod
    def _add(open_: list[tuple[Any, Lines, Any]], value: Any, marks: Lines) -> None:
        inside, around, key = open_[-1]
        if isinstance(inside, list):
            around.inside[len(inside)] = marks
            inside.append(value)
        elif key is _NO_KEY:
            if isinstance(value, dict | list):
                raise YamlRefused("a key is a text; put one that begins with [ or { into quotes", marks.line)
            if value in inside:
                raise YamlRefused(
                    f"the key `{value}` is there twice, first in line {around.inside[value].line}", marks.line
                )
            inside[value] = None
            around.inside[value] = marks
            open_[-1] = (inside, around, value)
        else:
            inside[key] = value
            # The key's own line: a value may begin on the next.
            around.inside[key].inside = marks.inside
            open_[-1] = (inside, around, _NO_KEY)

    def _value(self, event: Any, *, is_key: bool) -> Any:
        line = self.line_of(event.start_mark)
        if event.tag is not None:
            raise YamlRefused(f"the tag `{event.tag}` is not used here; leave it out", line)
        value = event.value
        if is_key or not event.implicit[0]:
            return value
        tag = self._resolve(yaml.ScalarNode, value, (True, False))
        if tag not in PLAIN_VALUES or (tag == FLAG and value.lower() not in ("true", "false")):
            return value
        if tag in NUMBERS and not NUMBERS[tag].fullmatch(value):
            return value
        try:
            return self._construct(yaml.ScalarNode(tag, value, event.start_mark, event.end_mark))
        except (ValueError, OverflowError) as error:
            raise YamlRefused(f"`{value[:60]}`: {error}; put a text into quotes", line) from error


_NO_KEY: Any = object()
