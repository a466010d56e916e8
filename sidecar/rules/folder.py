"""The folder that rules are written in.

All *.yml and *.yaml files at its top are read, and what these include by `include:`, a path from the folder.
A link counts as the file that it leads to, which must lie in the folder: so a Kubernetes ConfigMap can be it.
The folder `tests/` in it holds golden tests, which are no rules.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sidecar.rules.empty_values import EMPTY_FIX, empty_values
from sidecar.rules.language.rule import MOST_RULES, Rule, RuleFile
from sidecar.rules.marked_yaml import Lines, YamlRefused, read_marked
from sidecar.rules.problem import Problem, RulesInvalid
from sidecar.rules.rule_set import Origin, RuleSet
from sidecar.rules.validation import problems_of, written_path

MOST_FILE_BYTES = 2 << 20
MOST_BYTES = 10 << 20
MOST_FILES = 1000
MOST_INCLUDES_DEEP = 32
TESTS = "tests"
SUFFIXES = (".yml", ".yaml")
EDITOR_LOCK = ".#"
"""Emacs marks a file that is being written by a link to nothing."""


def read_folder(folder: Path) -> RuleSet:
    """All rules of a folder. Raises RulesInvalid with everything that is wrong."""
    rules, problems = look_through(folder)
    if problems:
        raise RulesInvalid(problems)
    return rules


def look_through(folder: Path) -> tuple[RuleSet, list[Problem]]:
    """The rules that can be read, and why others cannot."""
    reading = _Reading(folder)
    reading.read_all()
    problems = sorted(reading.problems, key=lambda problem: (problem.file, problem.line))
    return RuleSet.of(reading.rules.values(), reading.origins), problems


@dataclass
class _Reading:
    folder: Path
    rules: dict[str, Rule] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _names: dict[Path, str] = field(default_factory=dict)
    _seen: set[Path] = field(default_factory=set)
    _bytes: int = 0
    _count: int = 0
    _full: bool = False

    def read_all(self) -> None:
        if not self.folder.is_dir():
            self._wrong("no-folder", ".", 0, f"`{self.folder}` is no folder.", "Name another one with --dir.")
            return
        self.folder = self.folder.resolve()
        for path in sorted(self.folder.iterdir()):
            if path.suffix.lower() in SUFFIXES and not path.name.startswith(EDITOR_LOCK):
                self._find(path)
        for path, name in list(self._names.items()):
            self._read(path, (), name, 0)

    def _find(self, written: Path) -> None:
        """Takes down the file at the top that `written` is, or leads to."""
        try:
            path = written.resolve()
            there = path.is_file()
        except (OSError, RuntimeError):
            there = False
        if not there:
            fix = "Put a file there, or take it out."
            self._wrong("unreadable", written.name, 0, "this is no file, or a link to none.", fix)
        elif not path.is_relative_to(self.folder):
            reason = "this is a link to what lies outside the rules folder."
            self._wrong("bad-include", written.name, 0, reason, "Put the file itself there.")
        else:
            self._names.setdefault(path, written.name)

    def _read(self, path: Path, around: tuple[Path, ...], told_in: str, line: int) -> None:
        """One file and what it includes; `around`: the files that include it."""
        name = self._name(path)
        if path in around:
            chain = " → ".join(map(self._name, [*around[around.index(path) :], path]))
            self._wrong(
                "cyclic-include", told_in, line, f"files include each other: {chain}.", "Take one out."
            )
            return
        if path in self._seen or self._full:
            return
        if len(around) > MOST_INCLUDES_DEEP:
            reason = f"files include each other more than {MOST_INCLUDES_DEEP} deep."
            self._wrong("bad-include", told_in, line, reason, "Include some of them from the first.")
            return
        self._seen.add(path)
        text = self._text(path, name)
        if text is None:
            return
        try:
            data, lines = read_marked(text)
        except YamlRefused as refused:
            self._wrong("bad-yaml", name, refused.line, f"{refused}.")
            return
        if data is None:
            return
        if not isinstance(data, dict):
            said = "`rules:` and, below it, the list of rules"
            if isinstance(data, list):
                self._wrong(
                    "bad-yaml", name, lines.line, "a list where keys are expected.", f"Begin with {said}."
                )
            else:
                self._wrong("bad-yaml", name, lines.line, "this holds no rules.", f"Begin with {said}.")
            return
        for place, included in enumerate(self._file(data, lines, name)):
            self._include(included, (*around, path), name, lines.of(("include", place)))

    def _file(self, data: dict[str, Any], lines: Lines, name: str) -> list[str]:
        """Takes in the rules of a file; the files that it includes."""
        if "rules" in data and data["rules"] is None:
            self._wrong("empty-value", name, lines.of(("rules",)), "`rules` is empty.", EMPTY_FIX)
        written = data.pop("rules", None)
        try:
            head = RuleFile.model_validate(data)
        except ValidationError as error:
            self.problems += problems_of(error, RuleFile, lines, file=name)
            head = RuleFile()
        if not isinstance(written, list | None):
            self._wrong(
                "bad-value",
                name,
                lines.of(("rules",)),
                "`rules` is no list.",
                "Begin each rule with `- id:`.",
            )
            return head.include
        for place, one in enumerate(written or []):
            self._rule(one, lines.at(("rules", place)), name)
        return head.include

    def _rule(self, data: Any, lines: Lines, name: str) -> None:
        self._count += 1
        if self._count == MOST_RULES + 1:
            self._full = True
            self._wrong(
                "too-many", name, lines.line, f"more than {MOST_RULES:,} rules.", "Take out what is expired."
            )
        if self._full:
            return
        said = data.get("id") if isinstance(data, dict) else None
        rule_id = said if isinstance(said, str) else ""
        try:
            rule = Rule.model_validate(data)
        except ValidationError as error:
            self.problems += problems_of(error, Rule, lines, file=name, rule=rule_id[:64])
            return
        # What a client is told may well be null.
        for path in empty_values(data, ["metadata"]):
            reason = f"`{written_path(path)}` is empty."
            self._wrong("empty-value", name, lines.of(path), reason, EMPTY_FIX, rule.id)
        if rule.id in self.rules:
            first = self.origins[rule.id]
            self._wrong(
                "duplicate-id",
                name,
                lines.of(("id",)),
                f"there is a rule of this id in {first.file}:{first.line}.",
                "Give one of them another id.",
                rule.id,
            )
            return
        self.rules[rule.id] = rule
        self.origins[rule.id] = Origin(name, lines.line, lines)

    def _include(self, said: str, around: tuple[Path, ...], name: str, line: int) -> None:
        fix = "Write a path from the rules folder, as in seasonal/summer.yml."
        try:
            path = (self.folder / said).resolve()
            there = path.is_file()
        except (OSError, ValueError, RuntimeError):
            self._wrong("bad-include", name, line, f"`{said[:200]}` is no path.", fix)
            return
        if not path.is_relative_to(self.folder) or Path(said).is_absolute():
            self._wrong("bad-include", name, line, f"`{said}` lies outside the rules folder.", fix)
        elif path.relative_to(self.folder).parts[:1] == (TESTS,):
            self._wrong("bad-include", name, line, f"`{said}`: {TESTS}/ holds tests, no rules.", fix)
        elif path.suffix.lower() not in SUFFIXES:
            self._wrong("bad-include", name, line, f"`{said}` is no *.yml or *.yaml.", fix)
        elif not there:
            self._wrong("bad-include", name, line, f"there is no file `{said}`.", fix)
        else:
            self._read(path, around, name, line)

    def _text(self, path: Path, name: str) -> str | None:
        try:
            size = path.stat().st_size
            self._bytes += size
            if size > MOST_FILE_BYTES:
                self._wrong(
                    "too-large",
                    name,
                    0,
                    f"{size / 1e6:.1f} MB; a file has at most 2 MB.",
                    "Divide it among several.",
                )
                return None
            if self._bytes > MOST_BYTES or len(self._seen) > MOST_FILES:
                self._full = True
                limit = f"more than {MOST_FILES:,} files or 10 MB in the folder."
                self._wrong("too-large", name, 0, limit, "Take out what is not used.")
                return None
            data = path.read_bytes()
        except OSError as error:
            self._wrong("unreadable", name, 0, f"cannot be read: {error.strerror or error}.")
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._wrong("not-utf-8", name, line, "not UTF-8.", "Save the file as UTF-8.")
            return None

    def _name(self, path: Path) -> str:
        return self._names.get(path) or path.relative_to(self.folder).as_posix()

    def _wrong(self, check: str, file: str, line: int, reason: str, fix: str = "", rule: str = "") -> None:
        self.problems.append(Problem("error", check, file, line, rule, reason, fix))
