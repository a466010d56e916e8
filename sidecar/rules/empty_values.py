"""Keys without a value: a condition that somebody forgot to fill in would hold for every search."""

from collections.abc import Collection, Iterator
from typing import Any

EMPTY_FIX = "Give a value, or leave it out."


def empty_values(
    data: Any, may_hold_null: Collection[str], path: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, ...]]:
    """The paths (keys, places in lists from 0) of what is null; below the keys `may_hold_null` it may be."""
    if data is None:
        yield path
    elif isinstance(data, dict):
        for key, value in data.items():
            if value is None or key not in may_hold_null:
                yield from empty_values(value, may_hold_null, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from empty_values(value, may_hold_null, (*path, place))
