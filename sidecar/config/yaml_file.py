"""Read a YAML file into a checked model, with errors that say the fix."""

import difflib
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sidecar.config.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)


def load_yaml(path: Path, model: type[Model]) -> Model:
    """The file as a `model`. Raises ConfigurationError naming the file, the key and the allowed keys."""
    return validate(read_yaml(path), model, str(path))


def read_yaml(path: Path) -> dict[str, Any]:
    """The file's keys and values, unchecked. Raises ConfigurationError for a file that holds none."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: no such file. Create it, or name another one.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: not valid YAML: {error}") from error
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise ConfigurationError(f"{path}: expected keys and values, found {type(data).__name__}.")
    return data


def validate(data: dict[str, Any], model: type[Model], source: str) -> Model:
    """`data` as a `model`. Raises ConfigurationError with one line for each thing that is wrong."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [_explain(details, model) for details in error.errors()]
        raise ConfigurationError("\n".join(f"{source}: {line}" for line in lines)) from error


def _explain(details: Any, model: type[BaseModel]) -> str:
    """One validation error as a sentence: the key, what is wrong, what is allowed."""
    location = [str(part) for part in details["loc"]]
    key = ".".join(location)
    if details["type"] != "extra_forbidden":
        return f"`{key}`: {details['msg']} (found {details['input']!r})."
    allowed = sorted(_keys_at(model, location[:-1]))
    near = difflib.get_close_matches(location[-1], allowed, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    return f"unknown key `{key}`.{hint} Allowed here: {', '.join(allowed) or 'nothing'}."


def _keys_at(model: type[BaseModel], path: list[str]) -> list[str]:
    """The keys a model allows under `path`; none where the path leaves plain nested models."""
    current: Any = model
    for part in path:
        field = current.model_fields.get(part) if hasattr(current, "model_fields") else None
        current = field.annotation if field is not None else None
    return list(current.model_fields) if hasattr(current, "model_fields") else []
