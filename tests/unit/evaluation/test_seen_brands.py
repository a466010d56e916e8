"""Brands that a training saw, from either kind of file."""

from pathlib import Path

import pytest

from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.seen_brands import load_seen_brands


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_lines_and_cards_say_the_same(tmp_path: Path) -> None:
    lines = write(tmp_path / "brands.txt", "Acme\n\n  BOLT   Works \n")
    card = write(tmp_path / "card.json", '{"brands": ["ACME", "Bolt Works"], "base_sha256": "x"}')
    assert load_seen_brands(lines) == load_seen_brands(card) == {"acme", "bolt works"}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("card.json", "{}", "has no list `brands`"),
        ("card.json", '{"brands": [1]}', "has no list `brands`"),
        ("card.json", "[", "cannot be read"),
        ("card.json", "[]", "cannot be read"),
        ("brands.txt", "\n", "names no brand"),
    ],
)
def test_what_names_none_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        load_seen_brands(write(tmp_path / name, text))
