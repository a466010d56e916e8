"""Records kept in memory."""

from sidecar.profiles.record_cache import OVERHEAD_BYTES, Kept, RecordCache
from sidecar.profiles.store import Stored

ONE = Kept(Stored(b"v" * 100, 1), 1000.0)
ENTRY = 1 + 100 + OVERHEAD_BYTES


def test_the_last_used_stay() -> None:
    cache = RecordCache(2 * ENTRY, lambda: 0.0)
    cache.keep(b"a", ONE)
    cache.keep(b"b", ONE)
    cache.get(b"a")
    cache.keep(b"c", ONE)
    assert [cache.get(key) for key in (b"a", b"b", b"c")] == [ONE, None, ONE]


def test_a_key_without_a_record_is_known_to_have_none() -> None:
    cache = RecordCache(10_000, lambda: 0.0)
    cache.keep(b"a", Kept(None, float("inf")))
    assert cache.get(b"a") == Kept(None, float("inf"))
    assert cache.get(b"b") is None


def test_what_expired_is_not_known() -> None:
    now = [0.0]
    cache = RecordCache(10_000, lambda: now[0])
    cache.keep(b"a", ONE)
    now[0] = 1000.0
    assert cache.get(b"a") is None
    assert len(cache) == 0


def test_what_is_too_large_is_not_kept() -> None:
    cache = RecordCache(ENTRY - 1, lambda: 0.0)
    cache.keep(b"a", ONE)
    assert cache.get(b"a") is None


def test_bytes_are_given_back() -> None:
    cache = RecordCache(2 * ENTRY, lambda: 0.0)
    for _ in range(5):
        cache.keep(b"a", ONE)
        cache.drop(b"a")
    cache.keep(b"b", ONE)
    cache.keep(b"c", ONE)
    assert len(cache) == 2
    cache.clear()
    assert len(cache) == 0
