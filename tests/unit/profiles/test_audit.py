"""The trail of who looked."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sidecar.profiles.audit import AuditTrail, Entry, prefix

KEY = bytes(range(16))


def entry(number: int, key: bytes = KEY) -> Entry:
    return Entry("2026-01-01T00:00:00+00:00", f"user {number}", "show", (prefix(key),), "询问\nticket")


def test_what_was_added_is_read_in_order(tmp_path: Path) -> None:
    trail = AuditTrail(tmp_path / "state")
    assert list(trail.entries()) == []
    for number in range(3):
        trail.add(entry(number))
    assert list(trail.entries()) == [entry(0), entry(1), entry(2)]


def test_many_at_once_do_not_mix(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: AuditTrail(tmp_path).add(entry(number)), range(100)))
    assert {found.who for found in AuditTrail(tmp_path).entries()} == {
        f"user {number}" for number in range(100)
    }


def test_a_damaged_line_hides_no_other(tmp_path: Path) -> None:
    trail = AuditTrail(tmp_path)
    trail.add(entry(1))
    with trail.file.open("ab") as file:
        file.write(b'half a line\n{"time": 1}\n\xff\xfe\n')
    trail.add(entry(2))
    assert [found.who for found in trail.entries()] == ["user 1", "user 2"]


def test_about_one_shopper(tmp_path: Path) -> None:
    trail = AuditTrail(tmp_path)
    trail.add(entry(1))
    trail.add(entry(2, b"x" * 16))
    assert [found.who for found in trail.about([KEY, b"y" * 16])] == ["user 1"]
