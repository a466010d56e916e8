"""BM25 in this process against the formula, and what it finds."""

import math

import pytest

from sidecar.training.bm25 import Bm25


def test_a_score_is_lucenes() -> None:
    index = Bm25(
        [{"title": "red shoe"}, {"title": "red lamp stand of steel"}, {"title": "mug"}], {"title": 2.0}
    )
    idf = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    length = 1.2 * (1 - 0.75 + 0.75 * 2 / (8 / 3))
    assert index.scores("shoes")[0] == pytest.approx(2.0 * idf / (1 + length), rel=1e-5)


def test_fields_add_up_and_only_matches_are_found() -> None:
    index = Bm25(
        [{"title": "lamp", "brand": "red"}, {"title": "lamp"}, {"title": "chair"}], {"title": 1, "brand": 0.5}
    )
    assert index.best("red lamp", 10) == [0, 1]
    assert index.best("nothing", 10) == []


def test_an_empty_catalogue_field_is_no_error() -> None:
    assert Bm25([{"title": "a"}], {"title": 1, "brand": 1}).best("a", 1) == [0]
