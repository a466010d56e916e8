"""What a checked model says against data, as problems with file and line."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sidecar.rules.empty_values import EMPTY_FIX
from sidecar.rules.marked_yaml import Lines
from sidecar.rules.problem import Problem

MOST_SHOWN = 60


def problems_of(
    error: ValidationError, model: type[BaseModel], lines: Lines, *, file: str, rule: str = ""
) -> list[Problem]:
    """One for each thing that is wrong. `lines`: of the data that was checked."""
    found: dict[tuple[int, str], Problem] = {}
    for details in error.errors(include_url=False):
        problem = _problem(details, model, lines, file, rule)
        found.setdefault((problem.line, problem.reason), problem)
    return list(found.values())


def _problem(details: Any, model: type[BaseModel], lines: Lines, file: str, rule: str) -> Problem:
    path = _path_in(lines, details)
    line = lines.of(path)
    key = written_path(path)
    if details["type"] == "extra_forbidden":
        allowed = _keys_at(model, path[:-1])
        near = difflib.get_close_matches(str(path[-1]), allowed, n=1)
        hint = f"Did you mean `{near[0]}`? " if near else ""
        return Problem(
            "error",
            "unknown-key",
            file,
            line,
            rule,
            f"unknown key `{key}`.",
            f"{hint}Allowed here: {', '.join(allowed)}.",
        )
    message = str(details["msg"]).removeprefix("Value error, ")
    if details["type"] == "missing":
        return Problem("error", "missing-key", file, line, rule, f"`{key}` is missing.", "Add it.")
    if details["input"] is None:
        reason = f"`{key}` is empty." if key else "there is nothing here."
        return Problem("error", "empty-value", file, line, rule, reason, EMPTY_FIX)
    if details["type"] == "model_type":
        message = "keys are expected here"
    shown = repr(details["input"])
    whole = isinstance(details["input"], dict | list) or details["type"] == "value_error"
    found = "" if whole else f" (found {shown[:MOST_SHOWN]})"
    check = "bad-id" if path == ["id"] else "bad-value"
    reason = f"`{key}`: {message}{found}." if key else f"{message}{found}."
    return Problem("error", check, file, line, rule, reason, _fix(details, model, path))


def _fix(details: Any, model: type[BaseModel], path: Sequence[Any]) -> str:
    kind, written = details["type"], details["input"]
    if kind == "string_type" and not isinstance(written, dict | list):
        return "Put it into quotes."
    if kind == "bool_type":
        return "Write `true` or `false`."
    if kind in ("int_type", "float_type"):
        said = "whole number such as 5" if kind == "int_type" else "number such as 1.5"
        return f"Write a {said}{', without quotes' if isinstance(written, str) else ''}."
    if kind == "list_type":
        return f"Write `[{written}]`." if isinstance(written, str) else "Begin each entry with `- `."
    if kind == "model_type":
        return f"Allowed here: {', '.join(_keys_at(model, path))}."
    field = _field_at(model, path)
    if kind == "string_pattern_mismatch" and field is not None and path[-1] == "id":
        return (
            "An id has a-z, 0-9, _ and -, begins with a letter or digit, and is at most 64 characters long."
        )
    return f"It is: {field.description}." if field is not None and field.description else ""


def _path_in(lines: Lines, details: Any) -> list[Any]:
    """Where it was written: without what pydantic adds for unions, and for `shoes` in place of `[shoes]`."""
    path: list[Any] = []
    around = lines
    for part in details["loc"]:
        if part in around.inside:
            path.append(part)
            around = around.inside[part]
    return [*path, details["loc"][-1]] if details["type"] == "missing" else path


def written_path(path: Sequence[Any]) -> str:
    """then.0.pin.position → then[1].pin.position: people count from 1."""
    said = ""
    for part in path:
        if isinstance(part, int):
            said += f"[{part + 1}]"
        else:
            said += f".{part}" if said else str(part)
    return said


def _keys_at(model: type[BaseModel], path: Sequence[Any]) -> list[str]:
    """The keys that are allowed under `path`, as they are written."""
    models = list(_models_at(model, path))
    return list(
        dict.fromkeys(field.alias or name for one in models for name, field in one.model_fields.items())
    )


def _field_at(model: type[BaseModel], path: Sequence[Any]) -> FieldInfo | None:
    names = [place for place, part in enumerate(path) if isinstance(part, str)]
    for place in reversed(names):
        for one in _models_at(model, path[:place]):
            for name, field in one.model_fields.items():
                if path[place] in (name, field.alias):
                    return field
    return None


def _models_at(model: type[BaseModel], path: Sequence[Any]) -> Iterator[type[BaseModel]]:
    """The models that may stand under `path`."""
    current: list[type[BaseModel]] = [model]
    for part in path:
        fields = [
            field
            for one in current
            for name, field in one.model_fields.items()
            if part in (name, field.alias)
        ]
        # A place in a list, or a key of a mapping of models: still the same kinds of models.
        if fields:
            current = [found for field in fields for found in _models_in(field.annotation)]
    yield from current


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
