"""How much of what an arm computes is padding."""

from collections.abc import Sequence

from sidecar.benchmark.model.arms import Batches
from sidecar.inference.batching import BLOCK, micro_batches

BATCH = 32


def padded_tokens(lengths: Sequence[int], characters: Sequence[int], batches: Batches) -> int:
    """Tokens that go through the network for pairs of that many real ones, by way of batching.

    `lengths` are tokens and `characters` letters of each pair, in the order of arrival.
    """
    if batches == "ours":
        return sum(
            len(batch) * max(lengths[start + place] for place in batch)
            for start in range(0, len(lengths), BLOCK)
            for batch in micro_batches(lengths[start : start + BLOCK])
        )
    if batches == "one":
        return len(lengths) * max(lengths)
    order = list(range(len(lengths)))
    if batches == "characters":
        order.sort(key=lambda place: -characters[place])
    groups = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    return sum(len(group) * max(lengths[place] for place in group) for group in groups)
