"""What a shopper's record holds beside the taste."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.profiles.marks import Kind, Record, RecordType, pack
from sidecar.profiles.profile_record import (
    MOST_TOKENS,
    Outgoing,
    ProfileRecord,
    pack_profile,
    unpack_profile,
)
from sidecar.taste.codec import MOST_BYTES

TOKENS = st.binary(min_size=8, max_size=8)
OUTGOING = st.builds(Outgoing, TOKENS, st.binary(min_size=16, max_size=16), st.binary(max_size=MOST_BYTES))
PROFILES = st.builds(
    ProfileRecord,
    st.binary(max_size=MOST_BYTES),
    st.integers(0, 2**32 - 1).map(float),
    st.lists(TOKENS, max_size=MOST_TOKENS).map(tuple),
    st.none() | OUTGOING,
)


@given(PROFILES)
def test_round_trip(record: ProfileRecord) -> None:
    assert unpack_profile(pack_profile(record)) == record


def test_a_full_profile_is_2_kilobytes() -> None:
    full = ProfileRecord(b"t" * MOST_BYTES, 1.0, (b"12345678",) * MOST_TOKENS)
    record = Record(pack_profile(full), dict.fromkeys(range(4), 1))
    assert len(pack(record, RecordType(Kind.PROFILE, 1, 60))) <= 2048


def test_the_latest_tokens_are_kept() -> None:
    tokens = tuple(b"%08d" % number for number in range(6))
    assert unpack_profile(pack_profile(ProfileRecord(taken=tokens))).taken == tokens[-MOST_TOKENS:]


def test_an_outgoing_taste_knows_when_it_was_begun() -> None:
    one, other = (Outgoing.now(b"k" * 16, b"t", 1_700_000_000.7) for _ in range(2))
    assert one.begun == 1_700_000_000
    assert one.token != other.token
