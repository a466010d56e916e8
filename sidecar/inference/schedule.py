"""Which micro-batch comes next, and how large it may be for its answers to be in time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding

from .batching import BLOCK, micro_batches
from .work import Work


@dataclass(frozen=True)
class Batch:
    """Tokenised items of one work that go through its network together."""

    work: Work
    items: Sequence[int]
    encodings: Sequence[Encoding]

    def rows(self) -> NDArray[np.float32]:
        """The network's answer, float32 [n, width]."""
        return self.work.network.rows(self.encodings)


def batches(works: Sequence[Work]) -> Iterator[Batch]:
    """Micro-batches in the order of need. To be asked for one when it can be started at once: what time
    allows is looked at then."""
    for work, block in in_turns(works):
        encodings = dict(zip(block, work.network.tokenize([work.items[item] for item in block]), strict=True))
        lengths = {item: len(encoding) for item, encoding in encodings.items()}
        for group in micro_batches(list(lengths.values())):
            waiting = [block[place] for place in group]
            # What does not fit beside the others may still fit into another lane, now or after them.
            while waiting and (waiting := work.in_time(waiting, lengths)):
                items = work.fitting(waiting, lengths)
                yield Batch(work, items, [encodings[item] for item in items])
                waiting = waiting[len(items) :]


def in_turns(works: Sequence[Work]) -> Iterator[tuple[Work, list[int]]]:
    """A block of each work in turn, so that nobody's scores wait for all of another's vectors."""
    turns = [(work, work.blocks(BLOCK)) for work in works]
    while turns:
        for turn in list(turns):
            work, blocks = turn
            block = next(blocks, None)
            if block is None:
                turns.remove(turn)
            else:
                yield work, block
