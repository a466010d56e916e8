"""What further pages are ordered by."""

from sidecar.domain.deadline import Deadline
from sidecar.domain.search import Page, Search
from sidecar.ranking.personalization.pins import Pinned, Pins

QUERY, SHOPPER = b"q" * 16, b"s" * 16


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def page(start: int, size: int = 10) -> Search:
    return Search("red", [], Deadline.after(1), page=Page(start, size))


def test_a_further_page_finds_what_the_first_one_kept() -> None:
    pins, pinned = Pins(), Pinned(None, 1.0)
    pins.keep(QUERY, SHOPPER, pinned)
    assert pins.find(page(10), QUERY, SHOPPER) is pinned
    assert pins.find(page(0, 0), QUERY, SHOPPER) is pinned, "which page it is was not told"
    assert pins.find(page(0), QUERY, SHOPPER) is None, "a first page is ordered anew"
    assert pins.find(page(10), QUERY, b"o" * 16) is None
    assert pins.find(page(10), b"o" * 16, SHOPPER) is None


def test_a_search_without_an_id_has_no_further_pages() -> None:
    pins = Pins()
    pins.keep(b"", SHOPPER, Pinned(None, 1.0))
    assert len(pins) == 0
    assert pins.find(page(10), b"", SHOPPER) is None


def test_it_is_forgotten_after_a_while_and_when_there_are_too_many() -> None:
    clock = Clock()
    pins = Pins(seconds=60, most=2, clock=clock)
    pins.keep(b"1", SHOPPER, Pinned(None, 1.0))
    clock.now = 59
    assert pins.find(page(10), b"1", SHOPPER) is not None
    clock.now = 61
    assert pins.find(page(10), b"1", SHOPPER) is None
    for query in (b"2", b"3", b"4"):
        pins.keep(query, SHOPPER, Pinned(None, 1.0))
    assert len(pins) == 2
    assert pins.find(page(10), b"2", SHOPPER) is None
    assert pins.find(page(10), b"4", SHOPPER) is not None
