"""Which keys must be given, for the JSON schema: the models say it in words, after the keys are read."""

from typing import Any


def any_of(*keys: str) -> dict[str, Any]:
    """At least one of these."""
    return {"anyOf": [{"required": [key]} for key in keys]}


def one_of(*keys: str) -> dict[str, Any]:
    """One of these, and no second one."""
    return {"oneOf": [{"required": [key]} for key in keys]}


SOMETHING: dict[str, Any] = {"minProperties": 1}
ONE_KEY: dict[str, Any] = {"minProperties": 1, "maxProperties": 1}
