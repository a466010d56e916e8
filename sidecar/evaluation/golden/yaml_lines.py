"""A YAML file with the line of each of its values."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MOST_BYTES = 2 * 1024 * 1024
DEEPEST = 40

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class UnreadableYaml(ValueError):
    """The file is no YAML that is read here. `line` is from 1; 0: the file as a whole."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class MarkedYaml:
    """Plain data, and where it stands."""

    data: Any
    root: yaml.Node | None

    def line(self, path: Sequence[str | int]) -> int:
        """The line of a value, from 1; of the nearest one around it where there is no such value."""
        node = self.root
        if node is None:
            return 1
        line = node.start_mark.line
        for part in path:
            found = _child(node, part)
            if found is None:
                break
            key, node = found
            line = key.start_mark.line
        return int(line) + 1


def read_marked(file: Path) -> MarkedYaml:
    """The file. Aliases are refused, as they can make little text very big. Raises UnreadableYaml, OSError."""
    with file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise UnreadableYaml(0, f"larger than {MOST_BYTES // 1024 // 1024} MB: split it")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableYaml(content[: error.start].count(b"\n") + 1, "not UTF-8: save it as UTF-8") from None
    try:
        _look_through(text)
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            _check_keys(root)
            data = loader.construct_document(root) if root is not None else {}
        finally:
            loader.dispose()
    except UnreadableYaml:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableYaml(mark.line + 1 if mark else 0, f"not valid YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise UnreadableYaml(0, f"not valid YAML: {error}") from None
    return MarkedYaml(data, root)


def _look_through(text: str) -> None:
    """Before anything is made of it: aliases, depth."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise UnreadableYaml(
                event.start_mark.line + 1, "anchors and aliases (&, *) are not read: write it out"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise UnreadableYaml(event.start_mark.line + 1, f"nested deeper than {DEEPEST}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_keys(node: yaml.Node | None) -> None:
    """Of a key that is there twice the first would be lost without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise UnreadableYaml(key.start_mark.line + 1, f"the key `{name}` is there twice")
            seen.add(name)
            _check_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _check_keys(value)


def _child(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The node that names a part, and the part itself."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(key.value) == str(part):
                return key, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None
