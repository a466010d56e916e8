"""Events belong to what was served, by the document's id."""

import pytest

from sidecar.domain.event import EventKind
from sidecar.feedback.attribution import Attributor, outcome_of
from tests.fixtures.applying import event
from tests.fixtures.served_lists import NOW, key, served_list

SERVED = served_list(ids=["a", "b", "c", "b"])


@pytest.mark.parametrize(
    ("told", "served", "why"),
    [
        (event(object_id="b"), SERVED, ""),
        (event(object_id="x"), SERVED, "not_served"),
        (event(object_id=""), SERVED, "no_object"),
        (event(object_id="b"), None, "unknown_query"),
        (event("", object_id="b"), None, "no_query"),
        (event(object_id="b", kind=EventKind.OTHER), SERVED, "other_action"),
    ],
)
def test_why_an_event_belongs_nowhere(told, served, why: str) -> None:
    assert Attributor().attribute(told, served).why == why


def test_the_position_is_where_the_shopper_saw_it() -> None:
    attributor = Attributor()
    told = attributor.attribute(event(object_id="c", position=7), SERVED)
    assert (told.place, told.seen) == (2, 6)
    told = attributor.attribute(event(object_id="c"), SERVED)
    assert (told.place, told.seen) == (2, 2)


def test_an_id_that_stands_twice_is_the_upper_one() -> None:
    assert Attributor().attribute(event(object_id="b"), SERVED).place == 1


def test_the_memory_of_places_is_bounded_and_never_mixes_lists() -> None:
    attributor = Attributor(most=3)
    for number in range(50):
        served = served_list(f"q{number}", ids=[f"x{number}", "same"])
        assert attributor.attribute(event(f"q{number}", object_id=f"x{number}"), served).place == 0
    assert len(attributor._places) == 3


def test_an_outcome_says_what_the_event_said() -> None:
    told = event(object_id="c", position=7, dwell=3.5, kind=EventKind.PURCHASE, user="ann", time=NOW + 4)
    kept = outcome_of(told, Attributor().attribute(told, SERVED))
    assert (kept.query, kept.client, kept.digest) == (key("q"), key("anna"), told.digest)
    assert (kept.place, kept.position, kept.dwell, kept.kind) == (2, 7, 3.5, EventKind.PURCHASE)
