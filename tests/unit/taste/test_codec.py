"""Profiles as bytes: small, exact, and never misread."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.domain.event import EventKind
from sidecar.taste.codec import MOST_BYTES, UnreadableTaste, decode, encode
from sidecar.taste.state import (
    DIGEST_PREFIX,
    KEYS_FOR_INTEREST,
    MOST_INTEREST,
    MOST_KEYS,
    MOST_KINDS,
    MOST_OUTCOMES,
    MOST_PAGES,
    MOST_RECENT,
    OpenPage,
    RecentEvent,
    Taste,
)

TIMES = st.integers(0, 2**32 - 1).map(float)
KINDS = st.sampled_from(list(EventKind))


def column(count: int, low: float, high: float):
    return st.lists(st.floats(low, high, width=16), min_size=count, max_size=count).map(
        lambda values: np.array(values, np.float64)
    )


@st.composite
def tastes(draw) -> Taste:
    interest = draw(st.integers(0, MOST_INTEREST).flatmap(lambda length: column(length, -8, 8)))
    most = MOST_KEYS - (KEYS_FOR_INTEREST if len(interest) else 0)
    keys = sorted(draw(st.sets(st.integers(1, 2**32 - 1), max_size=most)))
    count = len(keys)
    outcomes = st.dictionaries(st.integers(0, 999), KINDS, max_size=MOST_OUTCOMES)
    pages = st.builds(OpenPage, st.binary(min_size=16, max_size=16), TIMES, st.integers(-1, 999), outcomes)
    events = st.builds(RecentEvent, st.binary(min_size=DIGEST_PREFIX, max_size=DIGEST_PREFIX), KINDS, TIMES)
    return Taste(
        updated=draw(st.floats(0, 4e9)),
        keys=np.array(keys, np.uint32),
        long_mean=draw(column(count, -8, 8)),
        long_information=draw(column(count, 0, 60_000)),
        session_mean=draw(column(count, -8, 8)),
        session_information=draw(column(count, 0, 60_000)),
        seen=np.array(draw(st.lists(TIMES, min_size=count, max_size=count)), np.float64),
        evidence=draw(st.floats(-3, 8, width=32)),
        evidence_of=draw(
            st.dictionaries(st.integers(1, 2**32 - 1), st.floats(-3, 8, width=16), max_size=MOST_KINDS)
        ),
        learned=draw(st.integers(0, 2**32 - 1)),
        recent=draw(st.lists(events, max_size=MOST_RECENT)),
        pages=draw(st.lists(pages, max_size=MOST_PAGES)),
        interest=interest,
        interest_information=draw(st.floats(0, 1e6, width=32)) if len(interest) else 0.0,
    )


def same(one: Taste, other: Taste) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        if isinstance(getattr(one, name), np.ndarray)
        else getattr(one, name) == getattr(other, name)
        for name in Taste.__slots__
    )


@given(tastes())
def test_what_is_written_is_read(taste: Taste) -> None:
    content = encode(taste)
    assert len(content) <= MOST_BYTES
    assert same(decode(content), taste)


@pytest.mark.parametrize(("interest", "most"), [(0, MOST_KEYS), (100, MOST_KEYS - KEYS_FOR_INTEREST)])
def test_the_fullest_profile_fits(interest: int, most: int) -> None:
    many = np.arange(1, MOST_KEYS + 50, dtype=np.uint32)
    numbers = np.full(len(many), 1e9)
    page = dict.fromkeys(range(40), EventKind.PURCHASE)
    taste = Taste(
        4e9,
        many,
        *(numbers.copy() for _ in range(5)),
        learned=2**40,
        evidence_of=dict.fromkeys(range(1, 40), 8.0),
        recent=[RecentEvent(b"x" * DIGEST_PREFIX, EventKind.CLICK, 4e9)] * 100,
        pages=[OpenPage(bytes([number]) * 16, 4e9, 10**9, dict(page)) for number in range(20)],
        interest=np.full(interest, 1e9),
        interest_information=1e9,
    )
    content = encode(taste)
    assert len(content) <= MOST_BYTES
    read = decode(content)
    assert (len(read.keys), len(read.recent), len(read.pages)) == (most, MOST_RECENT, MOST_PAGES)
    assert len(read.interest) == min(interest, MOST_INTEREST)


def test_a_profile_without_an_interest_is_what_sidecars_from_before_read() -> None:
    plain, liking = Taste.empty(1.0), Taste.empty(1.0)
    liking.interest = np.ones(4)
    assert (encode(plain)[0], encode(liking)[0]) == (1, 2)


def test_a_profile_from_before_there_were_interests_is_read() -> None:
    written = (
        "010200000003000000000000e04eacda410000c03f07000000090000000000003f000080bf000000400000404000340000"
        "003c003c803bb16a803bb16a85c04e38"
    )
    read = decode(bytes.fromhex(written))
    assert (read.keys.tolist(), read.long_mean.tolist(), read.learned) == ([7, 9], [0.5, -1.0], 3)
    assert (len(read.interest), read.interest_information) == (0, 0.0)


def test_an_empty_profile() -> None:
    assert same(decode(encode(Taste.empty(12.5))), Taste.empty(12.5))


@settings(max_examples=300)
@given(tastes(), st.data())
def test_a_changed_byte_is_noticed(taste: Taste, data) -> None:
    content = bytearray(encode(taste))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(UnreadableTaste):
        decode(bytes(content))


@given(st.binary(max_size=MOST_BYTES + 10))
def test_any_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableTaste):
        decode(content)


def test_another_version_is_named() -> None:
    content = bytearray(encode(Taste.empty(1.0)))
    content[0] = 9
    with pytest.raises(UnreadableTaste, match="version 9 is neither 1 nor 2"):
        decode(bytes(content))
