"""Paths of a configuration file, seen from its folder."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

Section = TypeVar("Section", bound=BaseModel)


def with_absolute_paths(section: Section, folder: Path) -> Section:
    """A section with its relative paths seen from `folder`, those in lists too."""
    values = {name: getattr(section, name) for name in type(section).model_fields}
    return section.model_copy(update={name: _absolute(value, folder) for name, value in values.items()})


def _absolute(value: Any, folder: Path) -> Any:
    if isinstance(value, Path):
        return folder / value.expanduser()
    if isinstance(value, BaseModel):
        return with_absolute_paths(value, folder)
    if isinstance(value, list):
        return [_absolute(item, folder) for item in value]
    return value
