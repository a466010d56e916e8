"""How texts fall into tokens, in every script that shoppers write."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sidecar.text.plural import singular
from sidecar.text.tokens import normalised, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Men's 12in PANS", ["men", "12", "in", "pan"]),
        ("kids’ socks, don't", ["kid", "sock", "dont"]),
        ("iphone12 iPhone 12", ["iphone", "12", "iphone", "12"]),
        ("b12 ps5 x100v", ["b12", "ps5", "x100v"]),
        ("WH-1000XM4", ["wh", "1000", "xm4"]),
        ("3.5mm 1,000pcs 8x10", ["3.5", "mm", "1000", "pc", "8", "x", "10"]),
        ("Solène café", ["solene", "cafe"]),
        ("straße łódka", ["strasse", "lodka"]),
        ("12\" x 6' tube 8″", ["12", "in", "x", "6", "ft", "tube", "8", "in"]),
        ('a "class of 2020" tee, the 90\'s', ["a", "class", "of", "2020", "tee", "the", "90", "s"]),
        ("ＬＥＤ　１２Ｖ", ["led", "12", "v"]),
        ("红色沙发", ["红色", "色沙", "沙发"]),
        ("沙", ["沙"]),
        ("T恤 30厘米", ["t", "恤", "30", "厘米"]),
        ("ｶﾞﾗｽ がぎぐ 한국어", ["ガラ", "ラス", "がぎ", "ぎぐ", "한국", "국어"]),
        ("Жёлтый диван", ["жёлтый", "диван"]),
        ("हिन्दी किताब", ["हिन्दी", "किताब"]),
        ("abcdж", ["abcdж"]),
        ("", []),
        ("!?… — \ud800", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *(("couches", "couch"), ("dresses", "dress"), ("brushes", "brush"), ("boxes", "box")),
        *(("shoes", "shoe"), ("potatoes", "potato"), ("batteries", "battery"), ("pies", "pie")),
        *(("headaches", "headache"), ("knives", "knive"), ("sofas", "sofa"), ("axes", "axe")),
        *(("glass", "glass"), ("bus", "bus"), ("gas", "ga"), ("as", "as"), ("yes", "ye")),
    ],
)
def test_plurals_fold_as_the_index_folds_them(word: str, expected: str) -> None:
    assert singular(word) == expected


@given(st.text(max_size=300))
@example("\u00c0\u0300")
def test_any_text_has_tokens_that_are_never_empty(text: str) -> None:
    found = tokens(text)
    assert all(found)
    assert found == tokens(text)
    assert all(token == normalised(token) for token in found)
