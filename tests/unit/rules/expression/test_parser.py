"""What is read, and how what cannot be read is refused."""

import time

import pytest

from sidecar.rules.expression.compiled import compile_filter, compile_number
from sidecar.rules.expression.errors import ExpressionError
from sidecar.rules.expression.node import AllOf, AnyOf, Comparison, Field, Not, Number, Text
from sidecar.rules.expression.parser import parse


def test_and_binds_closer_than_or_and_not_closer_still() -> None:
    node = parse("not a == 1 and b == 'x' or c == 2")
    first = Comparison("==", Field("a", "number"), Number(1))
    second = Comparison("==", Field("b", "text"), Text("x"))
    third = Comparison("==", Field("c", "number"), Number(2))
    assert node == AnyOf((AllOf((Not(first), second)), third))


def test_parts_know_where_they_stand() -> None:
    node = parse("brand == 'a' and  price < 5")
    assert [part.column for part in node.parts()] == [1, 19]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("`two words` == 1", "two words"),
        ("`in` == 1", "in"),
        ("a.b.c == 1", "a.b.c"),
        ("@timestamp == 1", "@timestamp"),
        ("größe == 1", "größe"),
        ("date == 1", "date"),
        ("'x' == name", "name"),
    ],
)
def test_field_names(text: str, name: str) -> None:
    assert compile_filter(text).fields == (name,)


def test_quotes_are_doubled_and_backslashes_are_themselves() -> None:
    assert parse("brand == 'Levi''s'") == parse('brand == "Levi\'s"')
    assert compile_filter(r"sku matches '^\d{3}-'").fields == ("sku",)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "ends too early"),
        ("price <", 8, "ends too early"),
        ("brand = 'x'", 7, "write `==`"),
        ("price => 5", 7, "write `>=`"),
        ("price =< 5", 7, "write `<=`"),
        ("price <> 5", 7, "write `!=`"),
        ("price === 5", 7, "write `==`"),
        ("price !== 5", 7, "write `!=`"),
        ("a && b", 3, "write `and`"),
        ("a AND b", 3, "small letters"),
        ("brand Nike", 7, "a text stands in quotes"),
        ("brand == 'x", 10, "never closed"),
        ("price < 3 < 4", 11, "one comparison at a time"),
        ("(price < 3", 11, "`)` is missing to close the `(` of column 1"),
        ("price < 12x", 9, "`12x` is no number"),
        ("price < 1e999", 9, "too large"),
        ("5 < 'a'", 3, "a number is compared with a text"),
        ("price + 'a' > 3", 7, "no such arithmetic"),
        ("price", None, ""),
        ("price + 1", 7, "a condition is needed"),
        ("created > 30d", 9, "days_since"),
        ("days_since(created) < 30d", 21, "is a number of days: write 30"),
        ("4w > days_since(created)", 4, "is a number of days: write 28"),
        ("now() - created > 30", 17, "a duration is compared with a number"),
        ("created > '2026-01-01' and now() > '2026-01-01'", 34, "write date('2026-01-31')"),
        ("date('32.1.2026') < now()", 6, "is no date"),
        ("in_stock < true", 10, "no order"),
        ("(a > 1) == true", 9, "join conditions"),
        ("x in []", 3, "empty list"),
        ("x in [y]", 7, "a list holds"),
        ("x in [1, 'a']", 10, "compared with"),
        ("min(1) > 0", 1, "needs 2 to 16 numbers"),
        ("max(" + "1," * 16 + "1) > 0", 1, "needs 2 to 16 numbers, found 17"),
        ("eval('x')", 1, "no function `eval`"),
        ("__import__('os')", 1, "no function"),
        ("days_since('a') > 1", 12, "needs a field's name"),
        ("title matches '(?=x)'", 15, "lookaround"),
        ("title matches '(a{500}){500}'", 15, "RE2"),
        (r"title matches '(.)\1'", 15, "backreferences"),
        ("title matches title", 15, "a text in quotes"),
        ("title contains ' '", 16, "empty text"),
        ("'a' contains 'b'", 1, "name a field"),
        ("brand == Nike; drop", 14, "means nothing"),
    ],
)
def test_what_is_refused_says_where_and_what_would_be_right(text: str, column: int | None, said: str) -> None:
    if column is None:
        compile_filter(text)
        return
    with pytest.raises(ExpressionError) as refused:
        compile_filter(text)
    assert refused.value.column == column
    assert said in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000,
        "not " * 499 + "a",
        "-" * 1999 + "1",
        "1" + "+1" * 999 + " > 3",
        "abs(" * 400 + "1",
        "a == 1 and " * 300,
        "x" * 100_000,
        "'" + "a" * 1999,
        "((((1+1)+1)+1)" * 100,
        "a in [" + "1," * 900,
    ],
)
def test_what_is_too_deep_or_too_long_is_refused_at_once(text: str) -> None:
    begin = time.process_time()
    with pytest.raises(ExpressionError):
        compile_filter(text)
    assert time.process_time() - begin < 1.0


def test_long_chains_of_conditions_are_no_depth() -> None:
    assert len(parse(" or ".join(f"a == {number}" for number in range(150))).parts()) == 150


def test_a_number_is_no_condition_and_the_other_way_round() -> None:
    assert compile_number("price * 2 - stock").fields == ("price", "stock")
    with pytest.raises(ExpressionError, match="a number is needed here, found a condition"):
        compile_number("price > 2")
    with pytest.raises(ExpressionError, match="days_since"):
        compile_number("now()")
