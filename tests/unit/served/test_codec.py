"""Lists come back as they were, and damage is found."""

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.served.codec import UnreadableList, decode, encode
from sidecar.served.packed import OVERHEAD, PackedList
from tests.fixtures.served_lists import assert_same, served_list


@settings(deadline=None, max_examples=60)
@given(
    ids=st.lists(st.text(max_size=20), max_size=40),
    attributes=st.integers(0, 8),
    slopes=st.integers(0, 4),
    features=st.integers(0, 12),
    seed=st.integers(0, 1000),
    shopper=st.text(max_size=4),
    vectors=st.none() | st.integers(0, 32),
    context=st.tuples(st.text(max_size=5), st.text(max_size=5)),
)
def test_every_list_comes_back(ids, attributes, slopes, features, seed, shopper, vectors, context) -> None:
    given_list = served_list(
        "q",
        shopper,
        ids=ids,
        attributes=[f"a{n}" for n in range(attributes)],
        slopes=[f"s{n}" for n in range(slopes)],
        features=[f"f{n}" for n in range(features)],
        seed=seed,
        vectors=vectors,
        locale=context[0],
        channel=context[1],
    )
    assert_same(given_list, decode(encode(given_list)))


def test_a_list_from_before_there_were_vectors_is_read() -> None:
    written = (
        "534c3100df70467378016360606828b974cb918981898111881918b88098c13e11480808dcbfc973eef16b4b8d454e166f"
        "be9d3df17bfa7fc6ed9759a7577d30b6ea15cc09f9101dad9454949897a2a4a3949c9f935fa414ab13ad545094999c0a66"
        "15a5e6a49625e6017940f91290ac526e7e52660e905f0d54969f06625a29a5a4a62596e694381828d5ea54d7824c30006a"
        "2830548a8d0539eac5972bf6e22f8df6bdd8ab61ef2779693fd0c5f620fc5b3ee7239b6db5c7fe9cc4846acec605870cf2"
        "f7ed35ee30f6b5133405007ab54b1d"
    )
    assert_same(decode(bytes.fromhex(written)), served_list(hits=2, seed=4))


def test_a_list_with_nothing_newer_is_what_sidecars_from_before_read() -> None:
    newer = [served_list(vectors=8), served_list(locale="de-AT"), served_list(channel="app")]
    assert [encode(one)[:4] for one in (served_list(), *newer)] == [b"SL1\0", *[b"SL2\0"] * 3]


def test_vectors_of_a_hundred_hits_take_64_bytes_each() -> None:
    plain, seeing = (len(encode(served_list(hits=100, vectors=length))) for length in (None, 32))
    assert seeing - plain <= 6_500


def test_a_hundred_hits_take_a_few_kilobytes() -> None:
    packed = encode(
        served_list(hits=100, attributes="abcdef", slopes="xyz", features="abcdefghij")
    )  # all numbers are drawn, so nothing of them can be compressed
    assert len(zlib.decompress(packed[8:])) < 8_500
    assert len(packed) < 8_000


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_damage_is_found(data) -> None:
    packed = bytearray(encode(served_list()))
    place = data.draw(st.integers(0, len(packed) - 1))
    packed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(UnreadableList):
        decode(bytes(packed))


@pytest.mark.parametrize("data", [b"", b"SL1\0", b"SL3\0" + bytes(40), bytes(100)])
def test_other_bytes_are_no_list(data: bytes) -> None:
    with pytest.raises(UnreadableList):
        decode(data)


def test_numbers_that_are_none_do_not_stop_it() -> None:
    given_list = served_list()
    given_list.features[0, 0] = np.nan
    given_list.features[1, 0] = np.inf
    given_list.traits.numbers[0, 0] = 1e9
    found = decode(encode(given_list))
    assert np.isfinite(found.features).all()
    assert np.isfinite(found.traits.numbers).all()


def test_the_words_around_a_packed_list_are_counted_about_right() -> None:
    import tracemalloc

    packed = PackedList.of(served_list())
    tracemalloc.start()
    kept = [
        PackedList(
            bytes([n % 256]) * 16, bytes([n % 255]) * 16, 1.0 * n, n, n, bytes([n % 253]) * 8, packed.data
        )
        for n in range(300, 1300)
    ]
    used = tracemalloc.get_traced_memory()[0] / len(kept)
    tracemalloc.stop()
    assert used < OVERHEAD
