"""What the engine is asked, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Text = str | bytes
"""Text as it arrives. Bytes are UTF-8; what is not valid is replaced, never refused."""


def never() -> bool:
    """The `should_stop` of a caller with all the time in the world."""
    return False


@dataclass(frozen=True)
class Job:
    """One request: n (query, text) pairs, best candidates first.

    `should_stop` is polled between micro-batches; once it answers True no more work is started for this
    job. It must be quick and must not raise.
    """

    queries: Sequence[Text]
    texts: Sequence[Text]
    should_stop: Callable[[], bool] = field(default=never)

    def __post_init__(self) -> None:
        if len(self.queries) != len(self.texts):
            raise ValueError(
                f"{len(self.queries)} queries for {len(self.texts)} texts: give one query a text."
            )


@dataclass(frozen=True)
class Scored:
    """What a job answers.

    `scores` float32 [n], higher is better, NaN where not scored in time. `vectors` float32 [n, d] of unit
    length, NaN where the text was not reached in time.
    """

    scores: NDArray[np.float32]
    vectors: NDArray[np.float32]
