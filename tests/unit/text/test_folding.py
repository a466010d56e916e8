"""Whole texts as they are compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.text.folding import folded, spaced, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" Étam  Café ", "etam cafe"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ＡＢＣ", "abc"),
        ("Levi’s", "levi's"),
        ("Ёлка", "ёлка"),
        ("", ""),
        ("红色 沙发", "红色 沙发"),
    ],
)
def test_folded(text: str, expected: str) -> None:
    assert folded(text) == expected


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_words_side_by_side_are_a_part_of_the_text() -> None:
    assert words("Men's Running Shoes") == ("men", "running", "shoe")
    assert spaced("running shoe") in spaced("Men's Running Shoes, blue")
    assert spaced("run") not in spaced("running")
