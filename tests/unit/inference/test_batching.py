"""Micro-batches: every text once, like with like, within the token budget."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.inference.batching import micro_batches


@given(st.lists(st.integers(1, 300), max_size=100), st.integers(1, 600), st.integers(1, 40))
def test_they_partition_the_texts_within_their_bounds(lengths: list[int], tokens: int, rows: int) -> None:
    batches = micro_batches(lengths, tokens, rows)
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    longest_before = 0
    for batch in batches:
        longest = max(lengths[place] for place in batch)
        assert len(batch) <= rows
        assert len(batch) == 1 or len(batch) * longest <= tokens
        assert min(lengths[place] for place in batch) >= longest_before
        longest_before = longest


def test_sorting_saves_padding() -> None:
    lengths = [8, 60] * 16
    padded = sum(len(batch) * max(lengths[place] for place in batch) for batch in micro_batches(lengths))
    assert sum(lengths) / padded > 0.95
