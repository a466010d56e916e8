"""Tastes that were decoded lately."""

import pytest

from sidecar.profiles.decoded import DecodedTastes
from sidecar.taste.codec import UnreadableTaste, encode
from sidecar.taste.state import Taste
from tests.unit.profiles.tastes import NOW, count_one


def test_each_caller_has_its_own() -> None:
    tastes = DecodedTastes()
    encoded = encode(Taste.empty(NOW))
    first = tastes.of(encoded)
    count_one(first)
    assert tastes.of(encoded).learned == 0


def test_the_last_used_stay() -> None:
    tastes = DecodedTastes(most=2)
    encoded = [encode(Taste.empty(NOW + number)) for number in range(3)]
    for one in (encoded[0], encoded[1], encoded[0], encoded[2]):
        assert tastes.of(one).updated == NOW + encoded.index(one)
    assert list(tastes._tastes) == [encoded[0], encoded[2]]


def test_what_cannot_be_read_is_not_kept() -> None:
    tastes = DecodedTastes()
    for _ in range(2):
        with pytest.raises(UnreadableTaste):
            tastes.of(b"from the future")
    assert not tastes._tastes
