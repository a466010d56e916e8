"""What a shopper's record holds beside the taste."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sidecar.profiles.marks import Kind, Record, RecordType, pack
from sidecar.profiles.profile_record import (
    MOST_TAKINGS,
    Outgoing,
    ProfileRecord,
    Taking,
    pack_profile,
    unpack_profile,
)
from sidecar.taste.codec import MOST_BYTES

NUMBERS = st.integers(0, 2**32 - 1)
TAKINGS = st.builds(Taking, st.binary(min_size=4, max_size=4), NUMBERS)
OUTGOING = st.builds(Outgoing, NUMBERS, st.binary(min_size=16, max_size=16), st.binary(max_size=MOST_BYTES))
PROFILES = st.builds(
    ProfileRecord,
    st.binary(max_size=MOST_BYTES),
    NUMBERS.map(float),
    NUMBERS,
    st.lists(TAKINGS, max_size=MOST_TAKINGS).map(tuple),
    st.none() | OUTGOING,
)


@given(PROFILES)
def test_round_trip(record: ProfileRecord) -> None:
    assert unpack_profile(pack_profile(record)) == record


def test_a_full_profile_is_2_kilobytes() -> None:
    full = ProfileRecord(b"t" * MOST_BYTES, 1.0, 1, (Taking(b"1234", 1),) * MOST_TAKINGS)
    record = Record(pack_profile(full), dict.fromkeys(range(4), 1))
    assert len(pack(record, RecordType(Kind.PROFILE, 1, 60))) <= 2048


def test_each_source_has_its_last_number() -> None:
    record = ProfileRecord()
    for source in (b"aaaa.", b"bbbb.", b"cccc.", b"dddd."):
        record = replace(record, takings=record.takings_with(source, 7))
    assert record.has_taken(b"aaaa.", 7) and record.has_taken(b"aaaa.", 6)
    assert not record.has_taken(b"aaaa.", 8) and not record.has_taken(b"eeee.", 1)
    record = replace(record, takings=record.takings_with(b"aaaa.", 9))
    record = replace(record, takings=record.takings_with(b"eeee.", 1))
    assert record.has_taken(b"aaaa.", 9) and not record.has_taken(b"bbbb.", 7)
