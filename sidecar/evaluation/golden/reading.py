"""The golden tests beside a folder of rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sidecar.evaluation.golden.model import GoldenFile, GoldenTest
from sidecar.rules.empty_values import EMPTY_FIX, empty_values
from sidecar.rules.folder import EDITOR_LOCK, MOST_FILE_BYTES, SUFFIXES, TESTS
from sidecar.rules.marked_yaml import Lines, YamlRefused, read_marked
from sidecar.rules.problem import Problem
from sidecar.rules.validation import problems_of, written_path


@dataclass(frozen=True)
class WrittenTest:
    """A test, where it was written, and the file that it stands in."""

    test: GoldenTest
    within: GoldenFile
    file: str
    lines: Lines

    def line(self, *path: str | int) -> int:
        """The line of the test, or of something in it."""
        return self.lines.of(path)


@dataclass
class GoldenTests:
    """All tests in the order of files and lines; `problems` are errors of files that cannot be read."""

    tests: list[WrittenTest] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_golden_tests(rules_folder: Path) -> GoldenTests:
    """The tests in `tests/` below a folder of rules; none where there is no such folder. Raises OSError."""
    found = GoldenTests()
    folder = rules_folder / TESTS
    if not folder.is_dir():
        return found
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(EDITOR_LOCK):
            _read(path, path.relative_to(rules_folder).as_posix(), found)
    return found


def _read(path: Path, name: str, found: GoldenTests) -> None:
    def wrong(check: str, line: int, reason: str, fix: str = "") -> None:
        found.problems.append(Problem("error", check, name, line, "", reason, fix))

    if not path.is_file():
        wrong("unreadable", 0, "this is no file, or a link to none.", "Put a file there, or take it out.")
        return
    with path.open("rb") as file:
        content = file.read(MOST_FILE_BYTES + 1)
    if len(content) > MOST_FILE_BYTES:
        wrong("too-large", 0, "a file has at most 2 MB.", "Divide it among several.")
        return
    try:
        data, lines = read_marked(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        wrong("not-utf-8", content.count(b"\n", 0, error.start) + 1, "not UTF-8.", "Save the file as UTF-8.")
        return
    except YamlRefused as refused:
        wrong("bad-yaml", refused.line, f"{refused}.")
        return
    if not isinstance(data, dict):
        wrong("bad-yaml", lines.line, "this holds no tests.", "Begin with `tests:` and a list of them.")
        return
    try:
        within = GoldenFile.model_validate(data)
    except ValidationError as error:
        problems = problems_of(error, GoldenFile, lines, file=name)
        # A key that is misspelt explains the one that is missing.
        found.problems += sorted(problems, key=lambda problem: (problem.check != "unknown-key", problem.line))
        return
    problems = [*_empty(data, lines, name), *_misnamed(within, lines, name)]
    if problems:
        found.problems += problems
        return
    found.tests += [
        WrittenTest(test, within, name, lines.at(("tests", place))) for place, test in enumerate(within.tests)
    ]


def _empty(data: Any, lines: Lines, file: str) -> Iterator[Problem]:
    """An expectation that somebody forgot to fill in would be met by everything."""
    for path in empty_values(data, ["fields", "metadata"]):
        reason = f"`{written_path(path)}` is empty."
        yield Problem("error", "empty-value", file, lines.of(path), "", reason, EMPTY_FIX)


def _misnamed(within: GoldenFile, lines: Lines, file: str) -> Iterator[Problem]:
    """Tests of one name, and tests whose hits are not there."""
    first: dict[str, int] = {}
    for place, test in enumerate(within.tests):
        line = lines.of(("tests", place, "name"))
        if test.name in first:
            reason = f"the name {test.name!r} is there twice, first in line {first[test.name]}."
            yield Problem("error", "bad-value", file, line, "", reason, "Give one of them another name.")
        first.setdefault(test.name, line)
        if isinstance(test.hits, str) and test.hits not in within.hits:
            line = lines.of(("tests", place, "hits"))
            reason = f"no `hits` are named {test.hits!r}."
            fix = f"There are: {', '.join(within.hits) or 'none'}."
            yield Problem("error", "bad-value", file, line, "", reason, fix)
