"""Runs micro-batches side by side, one a core, each on one thread from its first layer to its last.

Cores that share every multiplication of one micro-batch wait for each other hundreds of times in it; cores
with a micro-batch of their own never do.
"""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import numpy as np
from numpy.typing import NDArray

from .schedule import Batch

Running = dict[Future[NDArray[np.float32]], Batch]


class Lanes:
    """`count` threads. Safe for use by several threads, which then share them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="lane") if count > 1 else None

    def run(self, batches: Iterator[Batch]) -> None:
        """Does all of them; asks for the next one when a lane is free, and not before."""
        if self._pool is None:
            for batch in batches:
                batch.work.done(batch.items, batch.rows())
            return
        running: Running = {}
        try:
            for batch in batches:
                running[self._pool.submit(batch.rows)] = batch
                if len(running) == self.count:
                    _take(running)
            while running:
                _take(running)
        finally:
            wait(running)


def _take(running: Running) -> None:
    """Waits for the first to end, and keeps the answers of all that did."""
    for done in wait(running, return_when=FIRST_COMPLETED).done:
        batch = running.pop(done)
        batch.work.done(batch.items, done.result())
