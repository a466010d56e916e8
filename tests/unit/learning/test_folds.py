"""Cross-validation's parts: no query is judged by what was learned from it."""

import pytest

from sidecar.learning.folds import parted


@pytest.mark.parametrize("count", [2, 9, 10, 88])
def test_each_query_is_held_out_once_and_never_learned_from_meanwhile(count: int) -> None:
    parts = list(parted(count, seed=3))
    assert len(parts) == min(10, count)
    assert sorted(number for _, held_out in parts for number in held_out) == list(range(count))
    for learned_from, held_out in parts:
        assert not set(learned_from) & set(held_out)
        assert sorted([*learned_from, *held_out]) == list(range(count))


def test_parts_are_of_their_seed() -> None:
    assert list(parted(20, seed=1)) == list(parted(20, seed=1)) != list(parted(20, seed=2))
