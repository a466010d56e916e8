"""Which texts go through the network together."""

from collections.abc import Sequence

BLOCK = 50
"""Texts are taken best-first in blocks of this many, so that an early stop leaves the best ones scored;
within a block they are sorted by length."""
TOKENS = 384
"""Most tokens of a micro-batch, padding included. A core does a token fastest among 200 to 400: fewer read
the weights too often, more do not fit its cache. Small ones also end soon and share out well among cores."""
ROWS = 16
"""Most texts of a micro-batch."""
RUN_COST = 16
"""What starting a run costs, in tokens: 24 alone took 2.6 ms, among others 1.6 (MiniLM-L6, int8)."""


def micro_batches(lengths: Sequence[int], tokens: int = TOKENS, rows: int = ROWS) -> list[list[int]]:
    """Positions 0…n-1 of one block, grouped so that padding and runs together cost least.

    Within a batch count × longest ≤ `tokens` (a text longer than `tokens` gets a batch of its own). The
    shortest come first: they finish soonest, which matters when time may run out.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    # cost[end] is the least cost of the `end` shortest texts; their last batch starts at start[end].
    cost = [0]
    start = [0]
    for end in range(1, len(order) + 1):
        longest = lengths[order[end - 1]]
        most = max(1, min(rows, tokens // longest, end))
        best = min(range(end - most, end), key=lambda first: cost[first] + (end - first) * longest)
        cost.append(cost[best] + (end - best) * longest + RUN_COST)
        start.append(best)
    batches: list[list[int]] = []
    end = len(order)
    while end:
        batches.append(order[start[end] : end])
        end = start[end]
    return batches[::-1]
