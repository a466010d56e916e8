"""The envelope of records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.profiles.marks import (
    MOST_MARKS,
    Kind,
    Record,
    RecordType,
    UnreadableRecord,
    is_marked,
    marked,
    pack,
    unpack,
)

TYPE = RecordType(Kind.PROFILE, 1, 60)
WRITERS = st.integers(1, 2**32 - 1)
SEQS = st.integers(1, 2**64 - 1)
RECORDS = st.builds(Record, st.binary(max_size=3000), st.dictionaries(WRITERS, SEQS, max_size=MOST_MARKS))


@given(RECORDS)
def test_round_trip(record: Record) -> None:
    packed = pack(record, TYPE)
    assert unpack(packed, TYPE) == record
    assert list(unpack(packed, TYPE).marks) == list(record.marks)
    assert len(packed) == 8 + 12 * len(record.marks) + len(record.payload)


@given(RECORDS, st.data())
def test_any_damage_is_seen(record: Record, data: st.DataObject) -> None:
    packed = bytearray(pack(record, TYPE))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(UnreadableRecord):
        unpack(bytes(packed), TYPE)


@given(st.binary(max_size=200))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        unpack(data, TYPE)


@pytest.mark.parametrize("other", [RecordType(Kind.LINKS, 1, 60), RecordType(Kind.PROFILE, 2, 60)])
def test_another_kind_or_version_is_refused(other: RecordType) -> None:
    with pytest.raises(UnreadableRecord, match="expected"):
        unpack(pack(Record(b"x"), other), TYPE)


def test_entries_up_to_the_mark_are_known() -> None:
    marks = marked({}, 7, 5)
    assert is_marked(marks, 7, 5) and is_marked(marks, 7, 4)
    assert not is_marked(marks, 7, 6) and not is_marked(marks, 8, 1)


def test_a_fifth_writer_takes_the_place_of_who_was_silent_longest() -> None:
    marks: dict[int, int] = {}
    for writer in (1, 2, 3, 4):
        marks = marked(marks, writer, 10)
    marks = marked(marks, 1, 11)
    assert marked(marks, 5, 1) == {3: 10, 4: 10, 1: 11, 5: 1}
