"""The cache of vectors: bounded, and the least recently used one leaves first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sidecar.inference.vector_cache import ENTRY_OVERHEAD, VectorCache, digest

WIDTH = 4
ROW = WIDTH * 4 + ENTRY_OVERHEAD


def row(number: int) -> np.ndarray:
    return np.full((1, WIDTH), number, np.float32)


def known(cache: VectorCache, names: list[str]) -> list[str]:
    found = cache.fill([digest(name) for name in names], np.empty((len(names), WIDTH), np.float32))
    return [name for name, there in zip(names, found, strict=True) if there]


def test_the_bound_counts_rows_and_their_keys() -> None:
    assert VectorCache(10 * ROW, WIDTH, np.float32).capacity == 10
    assert VectorCache(ROW - 1, WIDTH, np.float32).capacity == 0
    assert VectorCache(-5, WIDTH, np.float32).capacity == 0


def test_the_least_recently_used_leaves() -> None:
    cache = VectorCache(2 * ROW, WIDTH, np.float32)
    cache.put([digest("a")], row(1))
    cache.put([digest("b")], row(2))
    assert known(cache, ["a"]) == ["a"]
    cache.put([digest("c")], row(3))
    assert known(cache, ["a", "b", "c"]) == ["a", "c"]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=60), st.integers(0, 5))
def test_it_acts_as_a_bounded_dictionary(steps: list[tuple[str, bool]], capacity: int) -> None:
    cache = VectorCache(capacity * ROW, WIDTH, np.float32)
    model: dict[str, int] = {}
    for number, (name, write) in enumerate(steps):
        if write and capacity:
            model.pop(name, None)
            model[name] = number
            while len(model) > capacity:
                del model[next(iter(model))]
        if write:
            cache.put([digest(name)], row(number))
            continue
        rows = np.empty((1, WIDTH), np.float32)
        found = bool(cache.fill([digest(name)], rows)[0])
        assert found == (name in model)
        if found:
            assert rows[0, 0] == model[name]
            model[name] = model.pop(name)
    assert len(cache) == len(model) <= capacity
