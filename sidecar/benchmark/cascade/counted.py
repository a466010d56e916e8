"""How many texts the cross-encoder has read."""

from collections.abc import Sequence

import numpy as np

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.scorer import Scorer, Scores, Vectors


class CountedScorer:
    """A `Scorer` that counts the scores which came in time."""

    reads_text = True

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.scored = 0

    @property
    def model(self) -> str:
        return self._scorer.model

    @model.setter
    def model(self, name: str) -> None:
        self._scorer.model = name

    async def score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        """See `Scorer`."""
        answer = await self._scorer.score(query, texts, deadline)
        self.scored += int(np.isfinite(answer.values).sum())
        return answer

    async def embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
        """See `Scorer`."""
        return await self._scorer.embed(texts, deadline)

    async def canary(self, deadline: Deadline) -> None:
        """See `Scorer`."""
        await self._scorer.canary(deadline)

    async def close(self) -> None:
        """See `Scorer`."""
        await self._scorer.close()
