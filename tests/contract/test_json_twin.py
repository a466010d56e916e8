"""The JSON twin reads what protobuf's own JSON mapping reads, and says what is wrong with the rest."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from sidecar.config.sidecar import Limits
from sidecar.domain.search import Search
from sidecar.server.conversion import Contract
from sidecar.server.errors import BadRequest
from sidecar.server.json_twin import RerankResponseJson, read_request, request_schema
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire
from tests.fixtures.columns import in_columns

CONTRACT = Contract(Limits(), 1.0)

text = st.text(max_size=10)
labels = st.text(min_size=1, max_size=10).filter(lambda label: bool(label.strip()))
floats = st.floats(width=32, allow_nan=False, allow_infinity=False)
values = st.one_of(
    st.builds(wire.FieldValue, texts=st.lists(text, max_size=3)),
    st.builds(wire.FieldValue, numbers=st.lists(floats, max_size=3)),
    st.builds(wire.FieldValue, flags=st.lists(st.booleans(), max_size=3)),
)
candidates = st.builds(
    wire.Candidate,
    id=st.text(min_size=1, max_size=10),
    index=text,
    score=floats,
    fields=st.dictionaries(text, values, max_size=3),
)
filters = st.builds(wire.FieldFilter, field=labels, values=st.lists(text, min_size=1, max_size=3))
requests = st.builds(
    wire.RerankRequest,
    query=st.builds(wire.Query, text=text, id=text, index=text, filters=st.lists(filters, max_size=2)),
    candidates=st.lists(candidates, max_size=4),
    shopper=st.none()
    | st.builds(
        wire.Shopper,
        client_id=text,
        consent=st.sampled_from([0, 1, 2]),
        segments=st.lists(labels, max_size=3),
    ),
    context=st.none()
    | st.builds(
        wire.Context,
        locale=text,
        crawler=st.booleans(),
        experiments=st.dictionaries(labels, labels, max_size=3),
        time=st.none() | st.builds(Timestamp, seconds=st.integers(-(10**9), 10**10), nanos=st.just(5000)),
    ),
    profile=st.sampled_from(["", "default"]),
    explain=st.booleans(),
    budget_ms=st.integers(0, 60_000),
    strength=st.none() | st.floats(0, 1, width=32),
    page=st.none() | st.builds(wire.Page, start=st.integers(0, 100), size=st.integers(0, 100)),
    layout=st.none()
    | st.builds(
        wire.LayoutWish,
        removes=st.booleans(),
        fetches=st.booleans(),
        metadata=st.booleans(),
        structured_data=st.booleans(),
        sponsored=st.booleans(),
        checks=st.booleans(),
    )
    | st.just(wire.LayoutWish(removes=True, check='["7@abc",1.5,["hide-sold-out"]]')),
)


def plain(search: Search) -> Any:
    """A search without its deadline, its fields read."""
    hits = [(hit.id, hit.rank, hit.score, hit.index, dict(hit.fields)) for hit in search.candidates]
    about = (
        search.query,
        search.query_id,
        search.index,
        search.profile,
        search.explain,
        search.layout,
        search.filters,
    )
    return about, hits, search.shopper, search.context, list(search.skipped), search.strength, search.page


@given(requests, st.booleans(), st.booleans(), st.booleans())
def test_the_same_search_by_both_ways(
    request: wire.RerankRequest, original: bool, everything: bool, columns: bool
) -> None:
    if columns:
        request = in_columns(request)
    body = json_format.MessageToJson(
        request, preserving_proto_field_name=original, always_print_fields_with_no_presence=everything
    ).encode()
    by_json = CONTRACT.search_of(read_request(body), size=len(body))
    by_message = CONTRACT.search_of(request, size=request.ByteSize())
    assert plain(by_json) == plain(by_message)


def test_null_means_absent() -> None:
    read = read_request(b'{"query": null, "candidates": null, "shopper": {"client_id": null}}')
    assert CONTRACT.search_of(read, size=0).query == ""


def test_enums_by_number() -> None:
    assert read_request(b'{"shopper": {"consent": 2}}').shopper.consent == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        (b"", "body", "JSON"),
        (b"{", "body", "JSON"),
        (b"[]", "body", "object"),
        (b'{"queri": {}}', "queri", "unknown field"),
        (b'{"query": {"words": "a"}}', "query.words", "unknown field"),
        (b'{"query": {"text": 5}}', "query.text", "string"),
        (b'{"query": {"text": "\\ud800"}}', "body", "JSON"),
        (b'{"query": {"text": "\xff"}}', "body", "JSON"),
        (b'{"query": "red shoes"}', "query", "object"),
        (b'{"candidates": {}}', "candidates", "array"),
        (b'{"candidates": [{"id": "a"}, {"id": "b", "score": "high"}]}', "candidates[1].score", "number"),
        (b'{"candidates": [{"id": "a", "rank": -1}]}', "candidates[0].rank", "greater"),
        (b'{"candidates": [{"id": "a", "fields": {"t": "x"}}]}', "candidates[0].fields.t", "object"),
        (b'{"explain": "yes"}', "explain", "boolean"),
        (b'{"shopper": {"consent": "MAYBE"}}', "shopper.consent", "CONSENT_DENIED"),
        (b'{"context": {"time": 5}}', "context.time", "2026-01-31T12:00:00Z"),
        (b'{"context": {"time": "2026-01-31T12:00:00"}}', "context.time", "timezone"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, field: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_request(body)
    assert refused.value.field == field
    assert words in str(refused.value)


def test_infinite_scores_are_refused() -> None:
    read = read_request(b'{"candidates": [{"id": "a", "score": "Infinity"}]}')
    with pytest.raises(BadRequest, match=r"candidates\[0\]\.score"):
        CONTRACT.search_of(read, size=0)


def test_the_page_describes_every_field_in_the_contracts_words() -> None:
    schema = json.dumps(request_schema())
    assert "$ref" not in schema
    for message in (
        wire.RerankRequest,
        wire.Query,
        wire.Candidate,
        wire.CandidateColumns,
        wire.Shopper,
        wire.Context,
        wire.LayoutWish,
    ):
        for field in message.DESCRIPTOR.fields:
            assert f'"{field.name}"' in schema
    assert "The words as the shopper typed them" in schema
    assert "Every candidate exactly once, best first" in json.dumps(RerankResponseJson.model_json_schema())
