"""Candidates in columns: the same searches as row by row, within the same limits."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.config.sidecar import Limits
from sidecar.domain.ranking import Skip
from sidecar.domain.search import Search
from sidecar.rules.columns import Columns
from sidecar.server.conversion import Contract
from sidecar.server.errors import BadRequest
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire
from tests.fixtures.columns import in_columns, in_rows

CONTRACT = Contract(Limits(), default_budget=1.0)


def read(request: wire.RerankRequest, contract: Contract = CONTRACT) -> Search:
    return contract.search_of(request, size=request.ByteSize())


def columns(**more: Any) -> wire.RerankRequest:
    return wire.RerankRequest(query=wire.Query(text="red shoes"), columns=wire.CandidateColumns(**more))


def column(name: str = "title", **more: Any) -> wire.FieldColumn:
    return wire.FieldColumn(name=name, **more)


def hits_of(search: Search) -> Any:
    return [(hit.id, hit.rank, hit.score, hit.index, dict(hit.fields)) for hit in search.candidates]


text = st.text(max_size=5)
floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
some_values = st.one_of(
    st.builds(wire.FieldValue, texts=st.lists(text, min_size=1, max_size=3)),
    st.builds(wire.FieldValue, numbers=st.lists(floats, min_size=1, max_size=3)),
    st.builds(wire.FieldValue, flags=st.lists(st.booleans(), min_size=1, max_size=3)),
)
rows = st.lists(
    st.builds(
        wire.Candidate,
        id=st.text(min_size=1, max_size=5),
        index=text,
        score=floats,
        fields=st.dictionaries(st.sampled_from("abc"), some_values, max_size=3),
    ),
    max_size=5,
)


@given(rows)
def test_the_same_candidates_as_row_by_row(sent: list[wire.Candidate]) -> None:
    request = wire.RerankRequest(candidates=sent)
    by_row, by_column = read(request), read(in_columns(request))
    assert hits_of(by_column) == hits_of(by_row)
    for row, other in zip(by_row.candidates, by_column.candidates, strict=True):
        assert len(row.fields) == len(other.fields)
        assert all(list(row.fields.get(name, ())) == list(other.fields.get(name, ())) for name in "abcd")


@given(rows)
def test_the_fixtures_undo_each_other(sent: list[wire.Candidate]) -> None:
    for rank, candidate in enumerate(sent, 1):
        candidate.rank = rank
    request = wire.RerankRequest(candidates=sent)
    assert in_rows(in_columns(request)) == request


def test_what_may_be_left_out() -> None:
    asked = read(columns(ids=["a", "b"]))
    assert hits_of(asked) == [("a", 1, 0.0, "", {}), ("b", 2, 0.0, "", {})]


def test_a_field_that_a_candidate_lacks() -> None:
    asked = read(columns(ids=["a", "b"], fields=[column(texts=["x", "y"], counts=[0, 2])]))
    first, second = (candidate.fields for candidate in asked.candidates)
    assert first.get("title") is None
    assert first.get("title", ["none"]) == ["none"]
    with pytest.raises(KeyError):
        first["title"]
    assert (list(first), len(first)) == ([], 0)
    assert second["title"] == ["x", "y"]
    assert (list(second), len(second)) == (["title"], 1)


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"ids": [f"{number}" for number in range(1001)]}, "columns.ids", "limit of 1000"),
        ({"ids": ["a", ""]}, "columns.ids[1]", "512 bytes"),
        ({"ids": ["a", "é" * 257]}, "columns.ids[1]", "512 bytes"),
        ({"ids": ["a", "b"], "scores": [1]}, "columns.scores", "1 for 2 ids"),
        ({"ids": ["a", "b"], "scores": [1, float("nan")]}, "columns.scores[1]", "finite"),
        ({"ids": ["a"], "scores": [float("-inf")]}, "columns.scores[0]", "finite"),
        ({"ids": ["a", "b"], "indices": ["i"], "index_of": [0]}, "columns.index_of", "1 for 2 ids"),
        ({"ids": ["a", "b"], "indices": ["i"], "index_of": [0, 1]}, "columns.index_of", "no place in the 1"),
        ({"ids": ["a", "b"], "fields": [column(texts=["x"])]}, "columns.fields[0]", "1 values for 2 ids"),
        (
            {"ids": ["a", "b"], "fields": [column(texts=["x"], counts=[1])]},
            "columns.fields[0].counts",
            "2 ids",
        ),
        (
            {"ids": ["a", "b"], "fields": [column(texts=["x"], counts=[1, 1])]},
            "columns.fields[0].counts",
            "add up to 2",
        ),
        (
            {"ids": ["a"], "fields": [column(f"f{number}", texts=["x"]) for number in range(65)]},
            "columns.fields",
            "limit of 64",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(sent: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(columns(**sent))
    assert refused.value.field == field
    assert words in str(refused.value)


def test_rows_and_columns_at_once_are_refused() -> None:
    request = columns(ids=["a"])
    request.candidates.add(id="b")
    with pytest.raises(BadRequest, match="columns: "):
        read(request)


def test_at_the_limits() -> None:
    fields = [column(f"f{number}", texts=["x"] * 1000) for number in range(64)]
    sent = columns(ids=["é" * 256] * 1000, scores=[3.4028234663852886e38] * 1000, fields=fields)
    assert len(read(sent).candidates) == 1000


def test_long_texts_are_cut_and_told_as_row_by_row() -> None:
    long = wire.FieldValue(texts=["a" * 40_000, "é" * 20_000, "more"])
    rows = [wire.Candidate(id="x", fields={"title": long}), wire.Candidate(id="y")]
    request = wire.RerankRequest(candidates=rows)
    by_row, by_column = read(request), read(in_columns(request))
    assert hits_of(by_column) == hits_of(by_row)
    assert list(by_column.skipped) == list(by_row.skipped) == [Skip("request", "truncated_text", 1)]


def test_long_texts_of_several_columns_add_up() -> None:
    half = ["a" * 40_000, ""]
    asked = read(columns(ids=["x", "y"], fields=[column("t", texts=half), column("u", texts=half)]))
    assert list(asked.skipped) == [Skip("request", "truncated_text", 1)]


def test_many_texts_that_are_short_enough_stay_whole() -> None:
    asked = read(columns(ids=list("abcd"), fields=[column(texts=["a" * 40_000] * 4)]))
    assert [hit.fields["title"] for hit in asked.candidates] == [["a" * 40_000]] * 4
    assert not asked.skipped


@given(rows, st.randoms(use_true_random=False))
def test_rules_read_the_same_of_columns_as_of_rows(sent: list[wire.Candidate], random: Any) -> None:
    request = wire.RerankRequest(candidates=sent)
    by_row, by_column = read(request).candidates, read(in_columns(request)).candidates
    order = list(range(len(by_row)))
    random.shuffle(order)  # as relevance may leave them
    one = Columns([by_row[place] for place in order], 0.0)
    other = Columns([by_column[place] for place in order], 0.0)
    for name in "abcd":
        assert list(map(list, one.values(name))) == list(map(list, other.values(name)))
        assert one.texts(name) == other.texts(name)
        assert one.words(name) == other.words(name)
        assert one.codes(name)[1] == other.codes(name)[1]
        for read_by in (Columns.all_numbers, Columns.all_dates, Columns.flags, Columns.exists):
            assert np.array_equal(read_by(one, name), read_by(other, name), equal_nan=True)
        assert np.array_equal(one.codes(name)[0], other.codes(name)[0])
