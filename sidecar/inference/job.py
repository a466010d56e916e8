"""What the engine is asked, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Text = str | bytes
"""Text as it arrives. Bytes are UTF-8; what is not valid is replaced, never refused."""


def forever() -> float:
    """The `remaining` of a caller with all the time in the world."""
    return float("inf")


def never() -> bool:
    """The `cancelled` of a caller who wants the answer."""
    return False


@dataclass(frozen=True)
class Job:
    """One request: n (query, text) pairs, best candidates first, and what is wanted of them.

    `scores`: how well each text answers its query. `vectors`: each text's vector, the query does not matter.
    `remaining`: the seconds left at the moment of the call. No work is started for this job that is not
    expected to end within them, nor any once `cancelled` answers True. Both are asked before every
    micro-batch, and must be quick and not raise.
    """

    queries: Sequence[Text]
    texts: Sequence[Text]
    remaining: Callable[[], float] = field(default=forever)
    cancelled: Callable[[], bool] = field(default=never)
    scores: bool = True
    vectors: bool = False

    def __post_init__(self) -> None:
        if len(self.queries) != len(self.texts):
            raise ValueError(
                f"{len(self.queries)} queries for {len(self.texts)} texts: give one query a text."
            )

    def left(self) -> float:
        """Seconds in which something can still be done for it; 0 or less where nothing can."""
        return 0.0 if self.cancelled() else self.remaining()


@dataclass(frozen=True)
class Scored:
    """What a job answers; NaN where not reached in time or not wanted.

    `scores` float32 [n], higher is better. `vectors` float32 [n, d] of unit length; d is 0 for a model that
    makes none. What the model cannot read scores 0 and has the vector of zeros (see `unreadable`). A
    bi-encoder's vectors come with its scores, wanted or not.
    """

    scores: NDArray[np.float32]
    vectors: NDArray[np.float32]


def nothing(rows: int, *width: int) -> NDArray[np.float32]:
    """NaN float32 [rows, *width]: what was not wanted."""
    return np.full((rows, *width), np.nan, dtype=np.float32)
