"""Query and document embedded apart; the score is the cosine. Document vectors are kept between searches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .job import Job, Scored, nothing
from .network import Network
from .text import CHARACTERS_A_TOKEN, clean_all
from .vector_cache import VectorCache
from .work import Work


@dataclass(frozen=True)
class BiEncoderPlan:
    """The work of several jobs, and for each job which items of it are its queries and its texts."""

    jobs: Sequence[Job]
    work: Work
    items: list[tuple[NDArray[np.int64], NDArray[np.int64]]]

    @property
    def works(self) -> list[Work]:
        """What is to be done, by network."""
        return [self.work]

    def finish(self) -> list[Scored]:
        """Cosines where both vectors are known, NaN elsewhere."""
        answers = []
        for job, (query_items, text_items) in zip(self.jobs, self.items, strict=True):
            vectors = nothing(len(job.texts), self.work.rows.shape[1])
            if len(text_items):
                vectors = self.work.answers(text_items)
            scores = nothing(len(job.texts))
            if job.scores:
                scores = np.einsum("nd,nd->n", self.work.answers(query_items), vectors)
            answers.append(Scored(scores, vectors))
        return answers


class BiEncoder:
    """Turns jobs into texts to embed, and their vectors into scores."""

    KIND = "bi-encoder"

    def __init__(
        self, network: Network, *, max_length: int, queries: VectorCache, documents: VectorCache
    ) -> None:
        self.network = network
        self.dimensions = documents.width
        self._max_characters = max_length * CHARACTERS_A_TOKEN
        self._queries = queries
        self._documents = documents

    @property
    def seconds_a_token(self) -> dict[str, float]:
        """See `Encoder`."""
        return {"text": self.network.pace.per_token}

    def plan(self, jobs: Sequence[Job]) -> BiEncoderPlan:
        """Queries first, without which no document is worth a score, then the documents of all by rank."""
        work = Work(jobs, self.network, self.dimensions, self._documents.dtype)
        queries = work.add(
            [clean_all(job.queries, self._max_characters) if job.scores else [] for job in jobs],
            self._queries,
        )
        texts = work.add(
            [clean_all(job.texts, self._max_characters) if job.scores or job.vectors else [] for job in jobs],
            self._documents,
        )
        return BiEncoderPlan(jobs, work, list(zip(queries, texts, strict=True)))
