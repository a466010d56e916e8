"""A store that failed several times is left alone for a moment."""

from sidecar.profiles.breaker import Breaker


def test_it_opens_tries_and_closes() -> None:
    now = [0.0]
    breaker = Breaker(3, 1.0, lambda: now[0])
    for _ in range(2):
        breaker.failed()
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    now[0] = 1.0
    assert breaker.allows()  # one may try
    assert not breaker.allows()
    breaker.failed()
    now[0] = 2.5
    assert breaker.allows()
    breaker.worked()
    assert breaker.allows() and breaker.allows()


def test_failures_that_are_not_in_a_row_do_not_count() -> None:
    breaker = Breaker(2, 1.0, lambda: 0.0)
    breaker.failed()
    breaker.worked()
    breaker.failed()
    assert breaker.allows()
