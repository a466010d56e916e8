"""Measures of variety and of agreement between orders."""

import math

import pytest

from sidecar.ranking.layout.page.overlap import rank_biased_overlap
from sidecar.ranking.layout.page.spread import entropy, exposure, intra_list_diversity

A, B, NOTHING = frozenset("a"), frozenset("b"), frozenset[str]()


def test_diversity_runs_from_all_alike_to_nothing_in_common() -> None:
    assert intra_list_diversity([(A,), (A,), (A,)]) == 0
    assert intra_list_diversity([(A,), (B,)]) == 1
    assert intra_list_diversity([(A,), (A,), (B,)]) == pytest.approx(2 / 3)
    assert intra_list_diversity([(frozenset("ab"),), (frozenset("bc"),)]) == pytest.approx(1 - 1 / 3)


def test_what_is_not_known_of_a_pair_does_not_count() -> None:
    assert intra_list_diversity([(A, NOTHING), (B, A)]) == 1
    assert intra_list_diversity([(NOTHING,), (A,)]) == 0
    assert intra_list_diversity([]) == intra_list_diversity([(A,)]) == 0


def test_entropy_in_bits() -> None:
    assert entropy(["a"] * 8) == 0
    assert entropy("abcdefgh") == pytest.approx(3)
    assert entropy([]) == 0


def test_exposure_counts_the_top_most_and_adds_up_to_one() -> None:
    shares = exposure(["x", "y", "y"])
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["x"] == pytest.approx(1 / (1 + 1 / math.log2(3) + 0.5))
    assert list(shares) == ["y", "x"]


def test_overlap_of_orders() -> None:
    assert rank_biased_overlap("abcdef", "abcdef") == pytest.approx(1)
    assert rank_biased_overlap("abc", "xyz") == 0
    assert rank_biased_overlap("", "") == 1
    assert rank_biased_overlap("", "a") == 0
    swapped_at_the_top = rank_biased_overlap("bacdef", "abcdef")
    swapped_at_the_end = rank_biased_overlap("abcdfe", "abcdef")
    assert 0 < swapped_at_the_top < swapped_at_the_end < 1


def test_a_list_cut_short_agrees_with_the_whole_as_far_as_it_goes() -> None:
    # 1 by extrapolation: nothing that is known of the two orders contradicts.
    assert rank_biased_overlap("abc", "abcdef") == pytest.approx(1)
    assert rank_biased_overlap("abc", "xabcdef") < 1


def test_overlap_is_symmetric_and_bounded() -> None:
    import itertools

    for one in itertools.permutations("abcd"):
        for other in itertools.permutations("abxy", 3):
            forth, back = rank_biased_overlap(one, other), rank_biased_overlap(other, one)
            assert forth == pytest.approx(back)
            assert 0 <= forth <= 1
