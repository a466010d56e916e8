"""The golden tests beside a folder of rules."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sidecar.evaluation.golden.model import GoldenFile, GoldenTest
from sidecar.evaluation.golden.yaml_lines import MarkedYaml, UnreadableYaml, read_marked
from sidecar.rules.problem import Problem

FOLDER = "tests"
SUFFIXES = (".yml", ".yaml")
CHECK = "golden-tests"


@dataclass(frozen=True)
class WrittenTest:
    """A test, where it was written, and the file that it stands in."""

    test: GoldenTest
    within: GoldenFile
    file: str
    marks: MarkedYaml
    place: int

    def line(self, *path: str | int) -> int:
        """The line of the test, or of something in it."""
        return self.marks.line(("tests", self.place, *path))


@dataclass
class GoldenTests:
    """All tests in the order of files and lines; `problems` are errors of files that cannot be read."""

    tests: list[WrittenTest] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_golden_tests(rules_folder: Path) -> GoldenTests:
    """The tests in `tests/` below a folder of rules; none where there is no such folder. Raises OSError."""
    found = GoldenTests()
    folder = rules_folder / FOLDER
    if not folder.is_dir():
        return found
    for file in sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()):
        name = file.relative_to(rules_folder).as_posix()
        try:
            marks = read_marked(file)
        except UnreadableYaml as error:
            found.problems.append(Problem("error", CHECK, name, error.line, "", str(error)))
            continue
        try:
            within = GoldenFile.model_validate(marks.data)
        except ValidationError as error:
            found.problems += _problems(error, marks, name)
            continue
        found.tests += [
            WrittenTest(test, within, name, marks, place) for place, test in enumerate(within.tests)
        ]
    return found


def _problems(error: ValidationError, marks: MarkedYaml, file: str) -> Iterator[Problem]:
    """A sentence for each thing that is wrong, once for each place."""
    seen: set[tuple[int, str]] = set()
    # A key that is misspelt explains the one that is missing.
    for details in sorted(error.errors(), key=lambda found: found["type"] != "extra_forbidden"):
        path = [part for part in details["loc"] if not _is_branch(part)]
        line = marks.line(path)
        reason, fix = _explained(details, path)
        if (line, reason) not in seen:
            seen.add((line, reason))
            yield Problem("error", CHECK, file, line, "", reason, fix)


def _is_branch(part: str | int) -> bool:
    """Whether pydantic names an alternative of a union here, and no key of the file."""
    return isinstance(part, str) and (part in ("str", "int", "float", "bool") or "[" in part)


def _explained(details: Any, path: Sequence[str | int]) -> tuple[str, str]:
    key = ".".join(map(str, path))
    if details["type"] == "extra_forbidden":
        allowed = sorted(_keys_at(GoldenFile, path[:-1]))
        near = difflib.get_close_matches(str(path[-1]), allowed, n=1)
        meant = f"Did you mean `{near[0]}`? " if near else ""
        return f"unknown key `{path[-1]}`.", f"{meant}Allowed here: {', '.join(allowed) or 'nothing'}."
    if details["type"] == "missing":
        return f"`{key}` is missing.", ""
    message = details["msg"].removeprefix("Value error, ")
    return f"`{key}`: {message}." if key else f"{message}.", ""


def _keys_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The keys that are allowed under a path."""
    current: Any = model
    for part in path:
        if isinstance(part, int):
            continue
        described = current.model_fields.get(part)
        current = _model_in(described.annotation) if described is not None else None
        if current is None:
            return []
    return list(current.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation speaks of, in a list or beside others."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = getattr(annotation, "__args__", ())
    return next((found for one in inner if (found := _model_in(one)) is not None), None)
