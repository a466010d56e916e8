"""Pages close by the events' own times, once."""

from dataclasses import replace

from sidecar.domain.event import EventKind
from sidecar.feedback.pages import Pages
from tests.fixtures.applying import event
from tests.fixtures.served_lists import NOW, key


def fed(pages: Pages, *events):
    """The queries that closed, in order, by the number of the event that closed them."""
    closed = []
    for number, told in enumerate(events):
        closed += [(number, page.query) for page in pages.due(told)]
        pages.observe(told, int(told.object_id[1:]), int(told.object_id[1:]))
    return closed


def test_a_page_closes_when_it_was_quiet() -> None:
    events = [event("a", time=NOW), event("b", time=NOW + 50), event("a", time=NOW + 55)]
    assert fed(Pages(60), *events, event("c", time=NOW + 112)) == [(3, key("b"))]
    assert fed(Pages(60), *events, event("c", time=NOW + 116)) == [(3, key("b")), (3, key("a"))]


def test_a_replay_closes_the_same_pages_at_the_same_entries() -> None:
    events = [event(f"q{number % 7}", time=NOW + 13 * number) for number in range(60)]
    pages = Pages(40)
    first = fed(pages, *events)
    assert first
    pages.clear()
    assert fed(pages, *events) == first


def test_late_events_open_no_page_again() -> None:
    pages = Pages(60)
    assert fed(pages, event("a", time=NOW), event("b", time=NOW + 100)) == [(1, key("a"))]
    assert pages.observe(event("a", time=NOW + 5), 1, 1)
    assert not pages.observe(event("a", kind=EventKind.IMPRESSION, time=NOW + 5), 1, 1)
    assert fed(pages, event("c", time=NOW + 500)) == [(0, key("b"))]


def test_too_many_open_pages_close_early_the_quietest_first() -> None:
    pages = Pages(1e6, most=3)
    events = [event(f"q{number}", time=NOW) for number in range(5)]
    assert fed(pages, *events, event("q2", time=NOW)) == [(4, key("q0")), (5, key("q1"))]
    assert len(pages) == 3


def test_the_kinds_on_a_hit_count_once_each() -> None:
    pages = Pages(60)
    click, cart = event(time=NOW), event(time=NOW, kind=EventKind.ADD_TO_CART)
    shown = event(time=NOW, kind=EventKind.IMPRESSION)
    assert [pages.observe(one, 1, 1) for one in (shown, click, click, cart, cart)] == [
        False,
        True,
        False,
        True,
        False,
    ]
    assert pages.observe(replace(click, object_id="p2"), 2, 2)


def test_impressions_tell_how_deep_it_was_looked() -> None:
    pages = Pages(60)
    for seen in (3, 8, 5):
        pages.observe(event("a", kind=EventKind.IMPRESSION, time=NOW), seen, seen)
    (page,) = pages.due(event("b", time=NOW + 100))
    assert page.deepest == 8
    assert page.outcomes == {}
