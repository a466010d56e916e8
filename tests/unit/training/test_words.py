"""Words as the index sees them."""

import pytest

from sidecar.training.words import folded, singular, terms, words


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("shoes", "shoe"),
        ("couches", "couch"),
        ("berries", "berry"),
        ("boxes", "box"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("gas", "gas"),
        ("500s", "500"),
    ],
)
def test_plurals(word: str, one: str) -> None:
    assert singular(word) == one


def test_a_text_is_folded_and_cut_into_words() -> None:
    assert words("Women's  ＮＩＫＥ 3.2mm, Wi-Fi") == ["women's", "nike", "3.2mm", "wi", "fi"]
    assert folded(" Ａ\tb ") == "a b"


def test_chinese_is_indexed_by_signs_and_pairs_and_asked_by_pairs() -> None:
    assert list(terms("红色鞋 shoes")) == ["红", "色", "鞋", "红色", "色鞋", "shoe"]
    assert list(terms("红色鞋", query=True)) == ["红色", "色鞋"]
    assert list(terms("鞋", query=True)) == ["鞋"]
