"""How long a delivered event is known."""

import sqlite3
from itertools import pairwise

from sidecar.feedback.repeats import REPEATS_SCHEMA, SLICES, Repeats
from tests.fixtures.events import kept


def connected() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(REPEATS_SCHEMA)
    return connection


def new(repeats: Repeats, connection: sqlite3.Connection, numbers: range, now: float) -> list[bool]:
    found = list(repeats.are_new(connection, [kept(number) for number in numbers], now))
    repeats.forget(connection)
    repeats.committed()
    return found


def test_known_for_at_least_the_time_and_at_most_twice_as_long() -> None:
    connection, repeats = connected(), Repeats(seconds=100, most=1000)
    assert all(new(repeats, connection, range(5), now=1000))
    assert not any(new(repeats, connection, range(5), now=1099))
    assert all(new(repeats, connection, range(5, 9), now=1101)), "another generation"
    assert not any(new(repeats, connection, range(9), now=1200))
    assert all(new(repeats, connection, range(5), now=1202))


def test_what_is_over_goes_away_a_slice_at_a_time() -> None:
    connection, repeats = connected(), Repeats(seconds=100, most=1_000_000)
    digests = [kept(0, digest=bytes([first]) + bytes(15)) for first in range(256)]
    assert all(repeats.are_new(connection, digests, 1000))
    new(repeats, connection, range(1000, 1001), now=1101)
    new(repeats, connection, range(1001, 1002), now=1202)
    counts = []
    for _ in range(SLICES):
        repeats.forget(connection)
        counts.append(connection.execute("SELECT count(*) FROM seen").fetchone()[0])
    assert counts[0] == 256
    assert counts[-1] == 2
    assert max(a - b for a, b in pairwise(counts)) <= 1


def test_bounded_by_number() -> None:
    connection, repeats = connected(), Repeats(seconds=1e9, most=100)
    for start in range(0, 5000, 50):
        assert all(new(repeats, connection, range(start, start + 50), now=1000))
        assert connection.execute("SELECT count(*) FROM seen").fetchone()[0] <= 400
    assert not any(new(repeats, connection, range(4950, 5000), now=1000))


def test_taken_up_again_from_the_file() -> None:
    connection, repeats = connected(), Repeats(seconds=100, most=1000)
    new(repeats, connection, range(5), now=1000)
    new(repeats, connection, range(5, 7), now=1101)
    again = Repeats(seconds=100, most=1000)
    again.load(connection)
    assert not any(new(again, connection, range(7), now=1150))


def test_undone() -> None:
    connection, repeats = connected(), Repeats(seconds=100, most=1000)
    new(repeats, connection, range(5), now=1000)
    connection.execute("BEGIN")
    assert all(repeats.are_new(connection, [kept(9)], 1101))
    connection.execute("ROLLBACK")
    repeats.undone()
    assert all(new(repeats, connection, range(9, 10), now=1101))
    assert not any(new(repeats, connection, range(5), now=1101))
