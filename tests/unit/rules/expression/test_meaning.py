"""What conditions mean for documents, case by case."""

import math
from typing import Any

import numpy as np
import pytest

from sidecar.domain.candidate import Candidate
from sidecar.rules.columns import MOST_VALUES, Columns
from sidecar.rules.expression.compiled import compile_filter, compile_number
from tests.fixtures.expressions import NOW

DOCUMENT: dict[str, Any] = {
    "brand": ["Étam"],
    "title": ["Women's Running Shoes, blue"],
    "color": ["blue", "Dark Red"],
    "price": [19.5],
    "sizes": [38.0, 42.0],
    "stock": [0.0],
    "said": ["19.99"],
    "digits": [42.0],
    "in_stock": [True],
    "word": ["hello"],
    "released": ["2026-09-01T10:00:00Z"],
    "millis": [1_788_000_000_000.0],
    "chinese": ["红色沙发"],
    "empty": [],
}


def _holds(text: str, document: dict[str, Any] = DOCUMENT) -> bool:
    columns = Columns([Candidate("1", 1, 0.0, "", document)], NOW)
    return bool(compile_filter(text).of(columns)[0])


@pytest.mark.parametrize(
    "text",
    [
        "brand == 'ETAM'",
        "brand == ' etam '",
        "brand in ['x', 'Etam']",
        "brand != 'nike'",
        "brand < 'f' and brand >= 'etam'",
        "'a' < brand",
        "color == 'dark  red'",
        "color not in ['red', 'green']",
        "title contains 'shoe'",
        "title contains 'WOMEN RUNNING shoe'",
        "not title contains 'shoes running'",
        "not title contains 'hoes'",
        "chinese contains '沙发'",
        "chinese contains '红'",
        "title starts_with 'women''s run'",
        "title matches 'shoes?, (blue|red)$'",
        "title matches '^WOMEN'",
        "sizes > 40 and sizes < 40",
        "sizes == 42",
        "not sizes == 40",
        "100 > price",
        "said > 19 and said < 20",
        "digits == '42'",
        "in_stock",
        "in_stock == true and not in_stock == false",
        "stock == 0",
        "days_since(released) > 20 and days_since(released) < 30",
        "released > date('2026-09-01') and released < date('2026-09-01T13:00+01:00')",
        "now() - released < 30d",
        "released > now() - 4w",
        "millis < now()",
        "price * 2 == 39 and -price < 0 and price % 10 == 9.5",
        "min(price, 3) == 3 and max(price, stock, 20) == 20",
        "round(price / 2) == 10 and abs(-2) == 2 and log(1) == 0",
        "length(brand) == 4",
        "exists(brand) and not exists(empty) and not exists(nothing)",
        "nothing != 'a'",
        "not (nothing == 'a')",
        "price != 'a'",
        "true and not false",
        "10d == 240h and 1d > 23h",
    ],
)
def test_holds(text: str) -> None:
    assert _holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "price == 'a'",
        "nothing < 5",
        "nothing > 5",
        "nothing == nothing",
        "word > 1",
        "word == true",
        "price / stock > 1",
        "price / 0 > 1",
        "price / 0 < 1",
        "1 / (1 / stock) == 0",
        "price % stock == 0",
        "log(stock) < 0",
        "log(-1) < 0",
        "nothing * 0 == 0",
        "price + nothing > 0",
        "1e308 * 10 > 1",
        "word",
        "nothing",
        "days_since(word) < 100000",
        "nothing contains 'a'",
        "word contains 'ell'",
        "brand == color",
    ],
)
def test_does_not_hold(text: str) -> None:
    assert not _holds(text)


def test_fields_that_share_a_value_are_equal() -> None:
    assert _holds("a == b", {"a": ["x", "Y"], "b": ["y"]})
    assert _holds("a == b", {"a": [1.0], "b": ["1.0"]})
    assert not _holds("a == b", {"a": ["x"], "b": []})
    assert _holds("a < b", {"a": [9.0, 1.0], "b": [2.0]})


def test_numbers_are_finite_or_missing() -> None:
    documents: list[dict[str, Any]] = [
        {"price": [4.0]},
        {"price": [math.inf]},
        {"price": [math.nan, 3.0]},
        {"price": ["x"]},
        {"price": [10**400]},
        {"price": [True]},
        {},
    ]
    columns = Columns([Candidate(str(n), n, 0.0, "", one) for n, one in enumerate(documents, 1)], NOW)
    np.testing.assert_array_equal(
        compile_number("8 / price").of(columns), [2, np.nan, 8 / 3, np.nan, np.nan, np.nan, np.nan]
    )
    np.testing.assert_array_equal(compile_number("1.5").of(columns), [1.5] * 7)


def test_no_hits() -> None:
    columns = Columns([], NOW)
    for text in ("brand == 'a'", "price > 1", "true", "title contains 'x'", "a == b", "exists(a)", "flag"):
        assert compile_filter(text).of(columns).shape == (0,)
    assert compile_number("price + 1").of(columns).shape == (0,)


def test_only_the_first_values_are_looked_at() -> None:
    many = [float(number) for number in range(MOST_VALUES + 5)]
    assert _holds(f"n == {MOST_VALUES - 1}", {"n": many})
    assert not _holds(f"n == {MOST_VALUES}", {"n": many})


def test_each_field_is_read_once() -> None:
    class Counting(dict[str, Any]):
        reads = 0

        def get(self, name: Any, default: Any = None) -> Any:
            Counting.reads += 1
            return super().get(name, default)

    columns = Columns([Candidate("1", 1, 0.0, "", Counting(DOCUMENT))], NOW)
    for text in ("brand == 'a'", "brand == 'b'", "brand contains 'etam'", "length(brand) > 2"):
        compile_filter(text).of(columns)
    assert Counting.reads == 1
