"""Query and text read together; the score is the logit. Vectors come from a bi-encoder beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .bi_encoder import BiEncoder, BiEncoderPlan
from .job import Job, Scored, nothing
from .network import Network, Pair
from .text import CHARACTERS_A_TOKEN, clean_all
from .work import Work


@dataclass(frozen=True)
class CrossEncoderPlan:
    """The pairs of several jobs and which of them are each job's; the plan of the texts' vectors."""

    jobs: Sequence[Job]
    pairs: Work
    items: list[NDArray[np.int64]]
    vectors: BiEncoderPlan | None

    @property
    def works(self) -> list[Work]:
        """What is to be done, by network: vectors first, they are cheaper and often known."""
        return [*(self.vectors.works if self.vectors else []), self.pairs]

    def finish(self) -> list[Scored]:
        """Logits and vectors where known, NaN elsewhere."""
        if self.vectors is None:
            vectors = [nothing(len(job.texts), 0) for job in self.jobs]
        else:
            vectors = [answer.vectors for answer in self.vectors.finish()]
        scores = [
            self.pairs.answers(items)[:, 0] if job.scores else nothing(len(job.texts))
            for job, items in zip(self.jobs, self.items, strict=True)
        ]
        return [Scored(*answer) for answer in zip(scores, vectors, strict=True)]


class CrossEncoder:
    """Turns jobs into pairs to score, and into texts to embed where vectors are wanted.

    A pair longer than `max_length` tokens loses tokens of its longer side until both are equally long, so
    that neither a very long query nor a very long text pushes the other one out.
    """

    KIND = "cross-encoder"

    def __init__(self, network: Network, *, max_length: int, vectors: BiEncoder | None) -> None:
        self.network = network
        self.dimensions = vectors.dimensions if vectors else 0
        self._max_characters = max_length * CHARACTERS_A_TOKEN
        self._vectors = vectors

    @property
    def seconds_a_token(self) -> dict[str, float]:
        """See `Encoder`."""
        pairs = {"pair": self.network.pace.per_token}
        return {**pairs, **(self._vectors.seconds_a_token if self._vectors else {})}

    def plan(self, jobs: Sequence[Job]) -> CrossEncoderPlan:
        """The best pairs of all jobs first."""
        pairs = Work(jobs, self.network, 1, np.dtype(np.float32))
        items = pairs.add([self._pairs(job) if job.scores else [] for job in jobs])
        vectors = None
        if self._vectors is not None:
            vectors = self._vectors.plan([replace(job, scores=False) for job in jobs])
        return CrossEncoderPlan(jobs, pairs, items, vectors)

    def _pairs(self, job: Job) -> list[Pair]:
        queries, texts = (clean_all(side, self._max_characters) for side in (job.queries, job.texts))
        return list(zip(queries, texts, strict=True))
