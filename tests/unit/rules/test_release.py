"""Versions that were damaged are told, whatever is in them."""

from typing import Any

import pytest

from sidecar.rules.release import UnreadableRelease, read_release, released
from tests.fixtures.releases import NOW, text_of


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": '{"\ud800": 1}'},
        {"who": "\ud800"},
        {"when": 10**400},
        {"when": float("nan")},
        {"seal": "\ud800"},
        {"format": "\ud800", "seal": "\ud800"},
        {"rolled_back_to": [1]},
    ],
)
def test_reading_never_raises(changes: dict[str, Any]) -> None:
    document = released(None, text_of("r"), who="anna", why="x", when=NOW).to_document()
    found = read_release(1, {**document, **changes})
    assert isinstance(found, UnreadableRelease)
    (found.why + found.seal).encode()
