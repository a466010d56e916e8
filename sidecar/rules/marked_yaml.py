"""YAML as people write rules in it, with the line of everything, and nothing that could explode.

A part of YAML 1.2: keys and values, lists, texts, numbers, dates, true and false. `no`, `on` and the like
are texts. Anchors, aliases, tags and several documents in a file are refused, and so is a key that is there
twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

MOST_LEVELS = 32
TEXT = "tag:yaml.org,2002:str"
FLAG = "tag:yaml.org,2002:bool"
PLAIN_VALUES = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "timestamp", "str")
)

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
    try:
        return _Reader(text).whole()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        written = text.split("\n")[mark.line] if mark and mark.line <= text.count("\n") else ""
        raise YamlRefused(_said(error, written), mark.line + 1 if mark else 0) from error
    except yaml.YAMLError as error:
        place = getattr(error, "position", None)
        line = text.count("\n", 0, place) + 1 if isinstance(place, int) else 0
        raise YamlRefused("this is no text that YAML allows; is it a binary file?", line) from error


def _said(error: yaml.MarkedYAMLError, line: str) -> str:
    problem = error.problem or "not valid YAML"
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab where only spaces may stand; indent by spaces"
    if "mapping values are not allowed" in problem:
        return f"{problem}; put a value with `: ` in it into quotes"
    return f"{error.context}: {problem}" if error.context else problem


class _Reader:
    """Takes the parser's events one by one; does not recurse, however deep the text is."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=Loader))
        self._resolve: Any = Resolver().resolve
        self._construct: Any = SafeConstructor().construct_object

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
                    raise YamlRefused("a second document (`---`); one a file", event.start_mark.line + 1)
            elif kind is yaml.AliasEvent or getattr(event, "anchor", None) is not None:
                raise YamlRefused(
                    "anchors and aliases (`&name`, `*name`) are not used here; write it out, or put a text "
                    "that begins with & or * into quotes",
                    event.start_mark.line + 1,
                )
            elif kind is yaml.ScalarEvent:
                self._add(open_, self._value(event), Lines(event.start_mark.line + 1))
            elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
                self._open(open_, event)
            elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
                open_.pop()
        return (root[0], marks.inside[0]) if root else (None, marks)

    def _open(self, open_: list[tuple[Any, Lines, Any]], event: Any) -> None:
        line = event.start_mark.line + 1
        if event.tag is not None:
            raise YamlRefused(f"the tag `{event.tag}` is not used here; leave it out", line)
        if len(open_) > MOST_LEVELS:
            raise YamlRefused(f"more than {MOST_LEVELS} levels deep", line)
        inside: Any = {} if event.__class__ is yaml.MappingStartEvent else []
        marks = Lines(line)
        self._add(open_, inside, marks)
        open_.append((inside, marks, _NO_KEY))

    @staticmethod
    def _add(open_: list[tuple[Any, Lines, Any]], value: Any, marks: Lines) -> None:
        inside, around, key = open_[-1]
        if isinstance(inside, list):
            around.inside[len(inside)] = marks
            inside.append(value)
        elif key is _NO_KEY:
            if isinstance(value, dict | list):
                raise YamlRefused("a key is a text; put one that begins with [ or { into quotes", marks.line)
            value = value if isinstance(value, str) else str(value)
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

    def _value(self, event: Any) -> Any:
        line = event.start_mark.line + 1
        if event.tag is not None:
            raise YamlRefused(f"the tag `{event.tag}` is not used here; leave it out", line)
        value = event.value
        if not event.implicit[0]:
            return value
        tag = self._resolve(yaml.ScalarNode, value, (True, False))
        if tag == TEXT or tag not in PLAIN_VALUES:
            return value
        if tag == FLAG and value.lower() not in ("true", "false"):
            return value
        try:
            return self._construct(yaml.ScalarNode(tag, value, event.start_mark, event.end_mark))
        except (ValueError, OverflowError) as error:
            raise YamlRefused(f"`{value[:60]}`: {error}; put a text into quotes", line) from error


_NO_KEY: Any = object()
