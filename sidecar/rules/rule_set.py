"""All rules of a folder or of a published version, and where they were written."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from sidecar.rules.language.rule import Rule
from sidecar.rules.marked_yaml import Lines

FORMAT = 1
"""Of `to_json`. A sidecar that does not know a format keeps the rules that it has."""


class UnreadableRules(ValueError):
    """A published version that this sidecar cannot read; the message says why."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule was written: the file from the rules folder, the line from 1, the lines of its parts."""

    file: str
    line: int
    lines: Lines | None = field(default=None, compare=False, repr=False)

    def line_of(self, *path: str | int) -> int:
        """The line of what lies at `path` in the rule, or of what is nearest above it."""
        return self.lines.of(path) if self.lines is not None else self.line


@dataclass(frozen=True)
class RuleSet:
    """Rules by id, rising: the order of files and of rules in them does not count.

    `origins` are there for rules that were read from a folder.
    """

    rules: tuple[Rule, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, rules: Iterable[Rule], origins: Mapping[str, Origin] | None = None) -> "RuleSet":
        """The set of these rules. Raises ValueError for an id that is there twice."""
        ordered = tuple(sorted(rules, key=lambda rule: rule.id))
        for one, next_one in itertools.pairwise(ordered):
            if one.id == next_one.id:
                raise ValueError(f"rule `{one.id}` is defined twice; rename one of the two")
        return cls(ordered, origins or {})

    def to_json(self) -> str:
        """The same text for equal sets."""
        rules = [rule.model_dump(mode="json", by_alias=True, exclude_defaults=True) for rule in self.rules]
        return json.dumps(
            {"format": FORMAT, "rules": rules}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )

    @classmethod
    def from_json(cls, text: str) -> "RuleSet":
        """The set that `to_json` wrote. Raises UnreadableRules."""
        try:
            data = json.loads(text)
            if not isinstance(data, dict) or data.get("format") != FORMAT:
                found = data.get("format") if isinstance(data, dict) else type(data).__name__
                raise UnreadableRules(f"rules of format {found}; this sidecar reads format {FORMAT}")
            return cls.of(Rule.model_validate(rule) for rule in data["rules"])
        except UnreadableRules:
            raise
        except (ValueError, KeyError, TypeError, ValidationError, RecursionError) as error:
            raise UnreadableRules(f"rules that cannot be read: {error}") from error

    @property
    def digest(self) -> str:
        """16 hex digits that change when any rule does."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]
