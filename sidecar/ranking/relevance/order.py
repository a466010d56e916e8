"""A scorer that agrees with the first stage, for tests and for measuring everything but the model."""

import zlib
from collections.abc import Sequence

import numpy as np

from sidecar.domain.deadline import Deadline
from sidecar.ranking.relevance.scorer import CheckedScorer, Scores, VectorArray, Vectors

WIDTH = 32


class OrderScorer(CheckedScorer):
    """The first text scores highest, the last one lowest: n, n-1, … 1. Vectors say which words are shared."""

    reads_text = False

    def __init__(self) -> None:
        super().__init__()
        self.model = "order"

    async def _score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:  # noqa: ARG002
        return Scores(np.arange(len(texts), 0, -1, dtype=np.float32), self.model)

    async def _embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:  # noqa: ARG002
        return Vectors(word_vectors(texts), self.model)


def word_vectors(texts: Sequence[str], width: int = WIDTH) -> VectorArray:
    """float32 [n, width] of length 1: each word adds to the place that its checksum names.

    Enough meaning to be right or wrong, and the same in every process.
    """
    vectors = np.zeros((len(texts), width), np.float32)
    for vector, text in zip(vectors, texts, strict=True):
        for word in text.lower().split():
            vector[zlib.crc32(word.encode("utf-8", "replace")) % width] += 1
        if not vector.any():
            vector[0] = 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
