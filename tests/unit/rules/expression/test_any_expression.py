"""Whatever is written, and whatever the documents hold."""

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.candidate import Candidate
from sidecar.rules.columns import Columns
from sidecar.rules.expression.compiled import compile_filter, compile_number
from sidecar.rules.expression.errors import ExpressionError
from sidecar.rules.expression.parser import MOST_CHARACTERS, parse
from tests.fixtures.expressions import (
    NOW,
    anything,
    conditions_in_words,
    documents,
    holds,
    number_of,
    numbers_in_words,
)


def _columns(some: list[dict[str, Any]]) -> Columns:
    return Columns([Candidate(str(place), place, 0.0, "", one) for place, one in enumerate(some, 1)], NOW)


@given(anything)
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        parse(text)
    except ExpressionError as error:
        assert 1 <= error.column <= max(len(text), MOST_CHARACTERS) + 1
        assert error.message


@given(anything, st.lists(documents, max_size=4))
def test_no_document_breaks_an_expression(text: str, some: list[dict[str, Any]]) -> None:
    columns = _columns(some)
    for prepare in (compile_filter, compile_number):
        try:
            prepared = prepare(text)
        except ExpressionError:
            continue
        found = prepared.of(columns)
        assert found.shape == (len(some),)
        assert not any(math.isinf(value) for value in found)


@given(conditions_in_words, st.lists(documents, max_size=5))
def test_a_condition_means_the_same_document_by_document(text: str, some: list[dict[str, Any]]) -> None:
    try:
        compiled = compile_filter(text)
    except ExpressionError:
        return
    assert compiled.of(_columns(some)).tolist() == [holds(compiled.node, one) for one in some], text


@given(numbers_in_words, st.lists(documents, max_size=5))
def test_a_number_is_the_same_document_by_document(text: str, some: list[dict[str, Any]]) -> None:
    try:
        compiled = compile_number(text)
    except ExpressionError:
        return
    for value, one in zip(compiled.of(_columns(some)), some, strict=True):
        expected = number_of(compiled.node, one)
        if expected is None:
            assert math.isnan(value), (text, one)
        else:
            assert math.isclose(value, expected, rel_tol=1e-12), (text, one)
