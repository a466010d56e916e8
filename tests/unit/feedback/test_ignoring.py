"""Events that are not learned from."""

from typing import Any

import pytest

from sidecar.config.events import Ignored
from sidecar.domain.event import Event, EventKind
from sidecar.domain.search import Consent, Shopper
from sidecar.feedback.ignoring import Filter, Reason
from sidecar.feedback.rate import EventRate


def event(client: str = "c", time: float = 1000.0, kind: EventKind = EventKind.CLICK, **more: Any) -> Event:
    return Event(
        kind=kind, time=time, shopper=Shopper(client, consent=more.pop("consent", Consent.GRANTED)), **more
    )


def reason(given: Event, **settings: Any) -> Reason | None:
    return Filter(Ignored.model_validate(settings)).reason(given)


def test_people_count() -> None:
    agent = (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/533.0 (KHTML, like Gecko) Chrome/52.0.895.0 Safari/533.0"
    )
    assert (
        reason(event(attributes={"user_agent": agent, "ip": "63.31.117.36"}), networks=["10.0.0.0/8"]) is None
    )
    assert reason(event(consent=Consent.UNSPECIFIED)) is None


def test_who_said_no() -> None:
    assert reason(event(consent=Consent.DENIED)) is Reason.NO_CONSENT


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "python-requests/2.31",
        "Mozilla/5.0 HeadlessChrome/120",
    ],
)
def test_crawlers(agent: str) -> None:
    assert reason(event(attributes={"user_agent": agent})) is Reason.CRAWLER
    assert reason(event(attributes={"user_agent": agent}), user_agents="") is None


def test_the_shops_own_people() -> None:
    assert reason(event(application="backoffice"), applications=["backoffice"]) is Reason.INTERNAL
    assert reason(event("tester"), client_ids=["tester"]) is Reason.INTERNAL
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::5"):
        given = event(attributes={"ip": address})
        assert reason(given, networks=["10.0.0.0/8", "fd00::/8"]) is Reason.INTERNAL
    for address in ("11.1.2.3", "no address", ""):
        assert reason(event(attributes={"ip": address}), networks=["10.0.0.0/8"]) is None


def test_too_many_of_one_client_in_a_minute() -> None:
    rate = EventRate(events=3, impressions=5)
    assert [rate.take(event(time=1000.0 + second)) for second in range(5)] == [True] * 3 + [False] * 2
    assert rate.take(event("another"))
    assert rate.take(event(time=1080.0)), "the next minute"
    shown = EventKind.IMPRESSION
    assert [rate.take(event(kind=shown)) for _ in range(6)] == [True] * 5 + [False]


def test_what_was_not_accepted_is_given_back() -> None:
    rate = EventRate(events=2, impressions=0)
    for _ in range(10):
        assert rate.take(event())
        rate.give_back(event())
    assert all(rate.take(event(kind=EventKind.IMPRESSION)) for _ in range(100)), "0 is any number"
    assert all(rate.take(Event(EventKind.CLICK, 1.0, Shopper())) for _ in range(10)), "nobody is no client"
