"""Differences between rules for people: what came in green, what went in red and struck through."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from sidecar.rules.difference import KeyChange, RuleChange

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
STYLES = {"added": "green", "removed": "red", "changed": "yellow"}
WORD_STYLES = {"same": "", "added": "green", "removed": "red strike"}
BRACKETS = {"same": ("", ""), "added": ("{+", "+}"), "removed": ("[-", "-]")}


def show_difference(changes: Sequence[RuleChange], console: Console | None = None) -> None:
    """Prints the changes rule by rule. Where there are no colors, words stand in [-…-] and {+…+}."""
    console = console or Console(highlight=False)
    plain = console.color_system is None
    for change in changes:
        console.print(Text(f"{SIGNS[change.kind]} {change.id}", style=STYLES[change.kind]), soft_wrap=True)
        if change.kind == "changed":
            for key in change.keys:
                console.print(_key(key, plain), soft_wrap=True)
        else:
            for name, value in change.rule.items():
                if name != "id":
                    line = Text(f"    {name}: ", style="dim").append(_text(value), style=STYLES[change.kind])
                    console.print(line, soft_wrap=True)


def counted(changes: Sequence[RuleChange]) -> str:
    """How many rules came, went and changed."""
    parts = [
        f"{count} {kind}"
        for kind in ("added", "removed", "changed")
        if (count := sum(change.kind == kind for change in changes))
    ]
    return ", ".join(parts) or "no difference"


def _key(change: KeyChange, plain: bool) -> Text:
    line = Text(f"    {change.key}: ", style="dim")
    for side, words in change.words():
        begin, end = BRACKETS[side] if plain else ("", "")
        line.append(f"{begin}{words}{end}", style=WORD_STYLES[side])
    return line


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
