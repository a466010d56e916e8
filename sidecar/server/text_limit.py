"""How much text is taken in: of a candidate as much as fits, of everything else all or nothing."""

from collections.abc import Mapping
from typing import Any

from sidecar.domain.candidate import FieldValues
from sidecar.server.errors import BadRequest


def cut_to(fields: Mapping[str, FieldValues], max_bytes: int) -> tuple[Mapping[str, FieldValues], bool]:
    """Fields with at most `max_bytes` of UTF-8 text, and whether anything was cut."""
    room = max_bytes
    kept: dict[str, FieldValues] = {}
    was_cut = False
    for name in fields:
        values: list[Any] = []
        for value in fields[name]:
            if not isinstance(value, str):
                values.append(value)
                continue
            encoded = value.encode("utf-8", "replace")
            if len(encoded) > room:
                encoded, was_cut = encoded[:room], True
            room -= len(encoded)
            values.append(encoded.decode("utf-8", "ignore"))
        kept[name] = values
    return (kept, True) if was_cut else (fields, False)


def within(text: str, field: str, limit: int) -> str:
    """The text, of at most `limit` characters. Raises BadRequest naming the `field`."""
    if len(text) > limit:
        raise BadRequest(field, f"{len(text)} characters are above the limit of {limit}")
    return text
