"""Events of User Behavior Insights as JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.domain.search import Consent
from sidecar.feedback.told import Told, Wrong
from sidecar.feedback.ubi import FIELDS, read_event
from tests.fixtures.events import needs_sample, sample_events, ubi
from tests.unit.feedback.test_documents import VALUES

MOMENT = 1_733_788_889.378


def test_all_that_is_read() -> None:
    told = read_event(
        {
            "application": "shop",
            "action_name": "click",
            "client_id": "c",
            "user_id": "u",
            "session_id": "s",
            "query_id": "q",
            "event_id": "e",
            "user_query": "red shoes",
            "message": None,
            "timestamp": "2024-12-10T00:01:29.378Z",
            "consent": True,
            "event_attributes": {
                "object": {"object_id": "o", "internal_id": "i", "price": 3},
                "position": {"ordinal": 4, "x": 5},
                "dwell_time": 1.5,
                "ip": "10.0.0.1",
                "browser": "Mozilla",
            },
        }
    )
    assert told == Told(
        action="click",
        time=MOMENT,
        application="shop",
        client_id="c",
        user_id="u",
        session_id="s",
        query_id="q",
        id="e",
        object_id="o",
        ordinal=4,
        dwell=1.5,
        consent=Consent.GRANTED,
        ip="10.0.0.1",
        user_agent="Mozilla",
    )


@pytest.mark.parametrize(
    "time",
    [
        "2024-12-10T00:01:29.378Z",
        "2024-12-10T01:01:29.378+01:00",
        "2024-12-10T00:01:29.378",
        "2024-12-10 00:01:29.378000001",
        1733788889378,
        1733788889378.0,
        "1733788889378",
        MOMENT,
        "1733788889.378",
    ],
)
def test_times(time: Any) -> None:
    assert read_event(ubi(timestamp=time)).time == pytest.approx(MOMENT, abs=1e-4)


def test_numbers_as_text_and_numbers_as_ids() -> None:
    told = read_event(
        ubi(
            client_id=7,
            event_attributes={
                "object": {"object_id": 12345},
                "position": {"ordinal": "3"},
                "dwell_ms": "1500",
            },
        )
    )
    assert (told.client_id, told.object_id, told.ordinal, told.dwell) == ("7", "12345", 3, 1.5)


def test_nothing_told_is_nothing_wrong() -> None:
    assert read_event({}) == Told()
    nulls = dict.fromkeys([*ubi(), "event_id", "consent", "user_id"])
    assert read_event(nulls) == Told()
    assert read_event(ubi(event_attributes={"position": None, "object": None})).ordinal is None


@pytest.mark.parametrize(
    ("sent", "consent"),
    [
        ({}, Consent.UNSPECIFIED),
        ({"consent": None}, Consent.UNSPECIFIED),
        ({"consent": False}, Consent.DENIED),
        ({"consent": "false"}, Consent.DENIED),
        ({"consent": "granted"}, Consent.GRANTED),
        ({"event_attributes": {"consent": False}}, Consent.DENIED),
        ({"consent": True, "event_attributes": {"consent": False}}, Consent.DENIED),
        ({"consent": False, "event_attributes": {"consent": True}}, Consent.DENIED),
        ({"consent": True, "event_attributes": {}}, Consent.GRANTED),
    ],
)
def test_consent(sent: dict[str, Any], consent: Consent) -> None:
    assert read_event(ubi(**sent)).consent is consent


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"action_name": []}, "action_name"),
        ({"client_id": {"a": 1}}, "client_id"),
        ({"user_id": True}, "user_id"),
        ({"query_id": 1.5}, "query_id"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": True}, "timestamp"),
        ({"timestamp": {}}, "timestamp"),
        ({"timestamp": 1e999}, "timestamp"),
        ({"timestamp": 10**400}, "timestamp"),
        ({"consent": "perhaps"}, "consent"),
        ({"consent": 0}, "consent"),
        ({"event_attributes": "none"}, "event_attributes"),
        ({"event_attributes": {"position": 3}}, "event_attributes.position"),
        ({"event_attributes": {"position": {"ordinal": "third"}}}, "event_attributes.position.ordinal"),
        ({"event_attributes": {"position": {"ordinal": 1.5}}}, "event_attributes.position.ordinal"),
        ({"event_attributes": {"position": {"ordinal": False}}}, "event_attributes.position.ordinal"),
        ({"event_attributes": {"object": {"object_id": ["a"]}}}, "event_attributes.object.object_id"),
        ({"event_attributes": {"dwell_time": -1}}, "event_attributes.dwell_time"),
        ({"event_attributes": {"dwell_ms": "long"}}, "event_attributes.dwell_ms"),
    ],
)
def test_wrong_types_are_named(sent: dict[str, Any], field: str) -> None:
    with pytest.raises(Wrong) as wrong:
        read_event(ubi(**sent))
    assert wrong.value.field == field


def test_ids_are_not_repeated_in_what_is_said() -> None:
    with pytest.raises(Wrong) as wrong:
        read_event(ubi(client_id=["a secret client"]))
    assert "secret" not in str(wrong.value)


@given(st.dictionaries(st.sampled_from([*ubi(), "consent", "event_id"]), VALUES))
def test_any_json_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        assert isinstance(read_event(document), Told)
    except Wrong as wrong:
        assert wrong.reason


@pytest.mark.parametrize("document", [3, "text", [], None, True])
def test_what_is_no_object(document: Any) -> None:
    with pytest.raises(Wrong, match="expected an object"):
        read_event(document)


@needs_sample
def test_the_fields_that_are_read_are_named() -> None:
    def only(document: dict[str, Any], path: str = "") -> dict[str, Any]:
        inner = {name: (f"{path}{name}", value) for name, value in document.items()}
        return {
            name: only(value, f"{full}.") if isinstance(value, dict) else value
            for name, (full, value) in inner.items()
            if isinstance(value, dict) or full in FIELDS
        }

    for document in sample_events():
        assert read_event(only(document)) == read_event(document)


@needs_sample
def test_every_event_of_the_real_sample_is_read() -> None:
    told = [read_event(document) for document in sample_events()]
    assert len(told) == 3448
    assert all(one.time is not None for one in told)
    assert sum(1 for one in told if one.object_id) == 2738
    assert max(one.ordinal or 0 for one in told) == 55
