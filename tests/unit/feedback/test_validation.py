"""What an event must be to be taken in."""

from typing import Any

import pytest

from sidecar.config.events import EventSettings
from sidecar.domain.event import Event, EventKind
from sidecar.feedback.told import Told, Wrong
from sidecar.feedback.ubi import read_event
from sidecar.feedback.validation import Validation
from tests.fixtures.events import needs_sample, sample_events

NOW = 1_800_000_000.0
DAY = 86_400.0


def checked(settings: dict[str, Any] | None = None, **told: Any) -> Event:
    values = {"action": "click", "time": NOW - 10, "client_id": "c", **told}
    return Validation(EventSettings.model_validate(settings or {})).event_of(Told(**values), NOW)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("click", EventKind.CLICK),
        ("Product-Click", EventKind.CLICK),
        ("Add to cart", EventKind.ADD_TO_CART),
        ("impression", EventKind.IMPRESSION),
        ("purchase", EventKind.PURCHASE),
        ("checkout", EventKind.PURCHASE),
        ("on_search", EventKind.OTHER),
    ],
)
def test_what_actions_mean(action: str, kind: EventKind) -> None:
    assert checked(action=action).kind is kind


def test_actions_of_the_shop() -> None:
    settings = {"actions": {"Quick View": "click", "click": "other"}}
    assert checked(settings, action="quick_view").kind is EventKind.CLICK
    assert checked(settings, action="click").kind is EventKind.OTHER


def test_positions_from_1_and_from_0() -> None:
    assert checked(ordinal=3).position == 3
    assert checked(ordinal=0).position == 0
    assert checked().position == 0
    assert checked({"first_position": 0}, ordinal=0).position == 1
    by_application = {"first_positions": {"demo": 0}}
    assert checked(by_application, ordinal=0, application="demo").position == 1
    assert checked(by_application, ordinal=1, application="shop").position == 1


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"action": ""}, "action_name", "missing"),
        ({"client_id": ""}, "client_id", "one of them is needed"),
        ({"client_id": "x" * 129}, "client_id", "129 characters are above the limit of 128"),
        ({"query_id": "\udc80"}, "query_id", "not valid Unicode"),
        ({"object_id": "é" * 300}, "event_attributes.object.object_id", "longer than 512 bytes"),
        ({"object_id": "\ud800"}, "event_attributes.object.object_id", "not valid Unicode"),
        ({"ordinal": -1}, "event_attributes.position.ordinal", "-1 is not from 0 to 10000"),
        ({"ordinal": 10_001}, "event_attributes.position.ordinal", "10001 is not from 0 to 10000"),
        ({"time": NOW + 601}, "timestamp", "more than 10 minutes in the future"),
        ({"time": NOW - 366 * DAY}, "timestamp", "more than 365 days old"),
        ({"time": 0.0}, "timestamp", "days old"),
        ({"time": None}, "timestamp", "missing"),
    ],
)
def test_what_is_refused(told: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Wrong) as wrong:
        checked(**told)
    assert wrong.value.field == field
    assert words in wrong.value.reason


def test_what_is_just_allowed() -> None:
    assert checked(time=NOW + 599).time == NOW + 599
    assert checked(client_id="é" * 128, ordinal=10_000).position == 10_000
    assert checked(client_id="", query_id="q").query_id == "q"
    assert checked(time=None, id="e").time == NOW
    assert checked(dwell=1e9).dwell == DAY


@needs_sample
def test_the_real_sample_is_valid_where_its_age_is_allowed() -> None:
    validation = Validation(EventSettings(max_age_days=36_500))
    kinds = [validation.event_of(read_event(document), NOW).kind for document in sample_events()]
    assert {kind: kinds.count(kind) for kind in EventKind} == {
        EventKind.OTHER: 911,
        EventKind.IMPRESSION: 1999,
        EventKind.CLICK: 298,
        EventKind.ADD_TO_CART: 234,
        EventKind.PURCHASE: 6,
    }
