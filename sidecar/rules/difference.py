"""What differs between two sets of rules, rule by rule, key by key, word by word."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sidecar.rules.language.rule import Rule
from sidecar.rules.rule_set import RuleSet
from sidecar.rules.sequences import steps

ABSENT = object()
WORD = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
"""A word or a sign with the spaces before it."""

Side = Literal["same", "removed", "added"]
WordChange = tuple[Side, str]


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One key of a rule, such as `when.query.exact[0]`. A side that has no such key is None, and says so by
    `kind`."""

    key: str
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any

    def words(self) -> list[WordChange]:
        """The change word by word, in reading order."""
        before = WORD.findall(_text(self.before)) if self.kind != "added" else []
        after = WORD.findall(_text(self.after)) if self.kind != "removed" else []
        found: list[WordChange] = []
        for is_same, old, new in steps(before, after):
            sides: tuple[Side, ...] = ("same",) if is_same else ("removed", "added")
            texts = ("".join(before[old]), "".join(after[new]))
            found += [(side, text) for side, text in zip(sides, texts, strict=False) if text]
        return found


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule. `keys` are there for a changed rule; `rule` is it as it is afterwards, or was before."""

    id: str
    kind: Literal["added", "removed", "changed"]
    keys: Sequence[KeyChange]
    rule: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        told: dict[str, Any] = {"rule": self.id, "change": self.kind}
        if self.kind != "changed":
            return {**told, "content": dict(self.rule)}
        keys = [
            {
                "key": change.key,
                "change": change.kind,
                **({"before": change.before} if change.kind != "added" else {}),
                **({"after": change.after} if change.kind != "removed" else {}),
            }
            for change in self.keys
        ]
        return {**told, "keys": keys}


def difference(before: RuleSet, after: RuleSet) -> list[RuleChange]:
    """What happened to the rules between two sets, by id; empty for equal ones."""
    old = {rule.id: _plain(rule) for rule in before.rules}
    new = {rule.id: _plain(rule) for rule in after.rules}
    found: list[RuleChange] = []
    for name in sorted({*old, *new}):
        if name not in new:
            found.append(RuleChange(name, "removed", (), old[name]))
        elif name not in old:
            found.append(RuleChange(name, "added", (), new[name]))
        elif old[name] != new[name]:
            found.append(RuleChange(name, "changed", tuple(_changes("", old[name], new[name])), new[name]))
    return found


def _plain(rule: Rule) -> dict[str, Any]:
    """As it is written, without what is left out."""
    return rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _changes(key: str, before: Any, after: Any) -> Iterator[KeyChange]:
    if before == after and type(before) is type(after):
        return
    if before is ABSENT:
        yield KeyChange(key, "added", None, after)
    elif after is ABSENT:
        yield KeyChange(key, "removed", before, None)
    elif isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            inner = f"{key}.{name}" if key else name
            yield from _changes(inner, before.get(name, ABSENT), after.get(name, ABSENT))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _list_changes(key, before, after)
    else:
        yield KeyChange(key, "changed", before, after)


def _list_changes(key: str, before: list[Any], after: list[Any]) -> Iterator[KeyChange]:
    """An entry that came or went does not make those behind it look changed. Places are those afterwards;
    of what went, those before."""
    one, other = [_text(entry) for entry in before], [_text(entry) for entry in after]
    for is_same, old, new in steps(one, other):
        if is_same:
            continue
        pairs = min(old.stop - old.start, new.stop - new.start)
        for step in range(pairs):
            place = new.start + step
            yield from _changes(f"{key}[{place}]", before[old.start + step], after[place])
        for place in range(old.start + pairs, old.stop):
            yield KeyChange(f"{key}[{place}]", "removed", before[place], None)
        for place in range(new.start + pairs, new.stop):
            yield KeyChange(f"{key}[{place}]", "added", None, after[place])


def _text(value: Any) -> str:
    """A value for people: texts as they are, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
