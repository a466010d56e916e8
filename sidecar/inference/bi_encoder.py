"""Query and document embedded apart; the score is the cosine. Document vectors are kept between searches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .job import Job, Scored, Text
from .text import CHARACTERS_A_TOKEN, clean
from .vector_cache import VectorCache
from .work import Work


@dataclass(frozen=True)
class Plan:
    """The work of several jobs, and for each job which items of it make its pairs: int64 [n] and [n]."""

    work: Work
    pairs: list[tuple[NDArray[np.int64], NDArray[np.int64]]]


class BiEncoder:
    """Turns jobs into texts to embed, and their vectors into scores.

    This class is all that differs between ways of scoring: a cross-encoder would plan (query, text) pairs
    and read the score off each row.
    """

    KIND = "bi-encoder"

    def __init__(self, *, max_length: int, queries: VectorCache, documents: VectorCache) -> None:
        self._max_characters = max_length * CHARACTERS_A_TOKEN
        self._queries = queries
        self._documents = documents

    def plan(self, jobs: Sequence[Job]) -> Plan:
        """Queries first, without which no document is worth anything, then the documents of all by rank."""
        work = Work(jobs, self._documents.width, self._documents.dtype)
        queries = self._add(work, [job.queries for job in jobs], self._queries)
        documents = self._add(work, [job.texts for job in jobs], self._documents)
        return Plan(work, list(zip(queries, documents, strict=True)))

    def finish(self, plan: Plan) -> list[Scored]:
        """Cosines where both vectors are known, NaN elsewhere."""
        rows = plan.work.rows.astype(np.float32)
        rows[~plan.work.known] = np.nan
        answers = []
        for query_items, text_items in plan.pairs:
            vectors = rows[text_items]
            scores = np.einsum("nd,nd->n", rows[query_items], vectors)
            answers.append(Scored(scores, vectors))
        return answers

    def _add(
        self, work: Work, texts: Sequence[Sequence[Text]], cache: VectorCache
    ) -> list[NDArray[np.int64]]:
        """Adds each job's texts, the best of all jobs first; answers each job's item numbers."""
        cleaned = [self._cleaned(job_texts) for job_texts in texts]
        order = sorted((rank, job) for job, job_texts in enumerate(cleaned) for rank in range(len(job_texts)))
        items = [np.empty(len(job_texts), dtype=np.int64) for job_texts in cleaned]
        numbers = work.add([(job, cleaned[job][rank]) for rank, job in order], cache)
        for (rank, job), number in zip(order, numbers, strict=True):
            items[job][rank] = number
        return items

    def _cleaned(self, texts: Sequence[Text]) -> list[str]:
        """The texts made safe; a repeated one (the query) is only looked at once."""
        seen: dict[Text, str] = {}
        cleaned = []
        for text in texts:
            if text not in seen:
                seen[text] = clean(text, self._max_characters)
            cleaned.append(seen[text])
        return cleaned
