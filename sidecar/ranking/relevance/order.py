"""A scorer that agrees with the first stage, for tests and for measuring everything but the model."""

from collections.abc import Sequence

import numpy as np

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.scorer import CheckedScorer, Scores


class OrderScorer(CheckedScorer):
    """The first text scores highest, the last one lowest: n, n-1, … 1."""

    reads_text = False

    def __init__(self) -> None:
        super().__init__()
        self.model = "order"

    async def _score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:  # noqa: ARG002
        return Scores(np.arange(len(texts), 0, -1, dtype=np.float32), self.model)
