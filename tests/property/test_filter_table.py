"""Conditions worked out together say what each says alone, whatever the documents hold."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.candidate import Candidate
from sidecar.rules.columns import Columns
from sidecar.rules.expression.compiled import compile_filter
from sidecar.rules.expression.filter_table import FilterTable
from tests.fixtures.layouts import NOW
from tests.property.layouts import SHARED

COMPARISONS = [
    "brand == 'A'",
    "'b' == brand",
    "brand != 'A'",
    "brand in ['B', 'C', 'b']",
    "brand not in ['A', 'none']",
    "brand > 'A'",
    "price > 5",
    "5 >= price",
    "price == -1",
    "price != 6",
    "price in [1, 9]",
    "price not in [1, 6]",
    "price * 2 > stock",
    "price < stock",
    "date < date('2027-01-01')",
    "date > now() - 30d",
    "days_since(date) < 100",
    "exists(price)",
    "not exists(brand)",
    "sale",
    "sale == false",
    "true",
]
CONDITION = st.recursive(
    st.sampled_from(COMPARISONS),
    lambda part: st.one_of(
        st.lists(part, min_size=2, max_size=3).map(lambda of: f"({' and '.join(of)})"),
        st.lists(part, min_size=2, max_size=3).map(lambda of: f"({' or '.join(of)})"),
        part.map(lambda of: f"not ({of})"),
    ),
    max_leaves=6,
)
VALUE: dict[str, list[Any]] = {
    "brand": ["A", "B", "b ", "C", 7, None],
    "price": [1.0, 6.0, 9.0, -1, "6", "dear", float("inf"), float("nan"), None],
    "stock": [0.0, 3.0, None],
    "date": ["2026-05-01", "2027-05-01", 1_800_000_000_000, "soon", None],
    "sale": [True, False, "true", "no", None],
}
FIELDS = st.fixed_dictionaries(
    {
        name: st.one_of(st.sampled_from(values).map(lambda one: [one]), st.lists(st.sampled_from(values)))
        for name, values in VALUE.items()
    }
)


@SHARED
@given(st.lists(CONDITION, min_size=1, max_size=8), st.lists(FIELDS, max_size=6))
def test_together_as_alone(conditions: list[str], documents: list[dict[str, list[Any]]]) -> None:
    hits = [
        Candidate(
            str(place),
            place + 1,
            0.0,
            "shop",
            {name: kept for name, values in fields.items() if (kept := [v for v in values if v is not None])},
        )
        for place, fields in enumerate(documents)
    ]
    filters = [compile_filter(text) for text in conditions]
    clauses = [one.clauses for one in filters if one.clauses is not None]
    assert len(clauses) == len(filters)
    together = FilterTable(clauses).of(Columns(hits, NOW))
    alone = [one.of(Columns(hits, NOW)).tolist() for one in filters]
    assert together.shape == (len(filters), len(hits))
    assert together.dtype == np.bool_
    assert together.tolist() == alone
