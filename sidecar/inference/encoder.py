"""The engine: pairs and texts in best-first order, scores and vectors out, as many as the time allows."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .bi_encoder import BiEncoder
from .cross_encoder import CrossEncoder
from .job import Job, Scored, Text, forever, never
from .lanes import Lanes
from .loading import load_bi_encoder, load_cross_encoder
from .model_folder import ModelFolderError, find_version_folder, read_manifest
from .network import Network
from .schedule import batches

CACHE_BYTES = 256 * 1024 * 1024
MAX_LENGTHS = range(8, 513)
LOADERS: dict[str, Callable[..., BiEncoder | CrossEncoder]] = {
    BiEncoder.KIND: load_bi_encoder,
    CrossEncoder.KIND: load_cross_encoder,
}


class Encoder:
    """A loaded model. Safe for use by several threads; texts are cleaned, cut and tokenised inside.

    Nothing that a text may hold raises: not invalid UTF-8, lone surrogates, NULs, emptiness or megabytes.
    """

    def __init__(self, strategy: BiEncoder | CrossEncoder, fingerprint: str, lanes: int = 1) -> None:
        self._strategy = strategy
        self._lanes = Lanes(lanes)
        self.fingerprint = fingerprint

    @property
    def kind(self) -> str:
        """How it scores: "bi-encoder" or "cross-encoder"."""
        return self._strategy.KIND

    @property
    def network(self) -> Network:
        """What scores: its graph and its pace."""
        return self._strategy.network

    @property
    def dimensions(self) -> int:
        """Of a vector; 0 for a model that makes none."""
        return self._strategy.dimensions

    @property
    def providers(self) -> list[str]:
        """What runs the graph (ONNX Runtime's execution providers), best first."""
        return self._strategy.network.providers

    @property
    def seconds_a_token(self) -> dict[str, float]:
        """What a token is expected to take on one core at this moment, of a "pair", of a "text"."""
        return self._strategy.seconds_a_token

    @classmethod
    def load(
        cls, folder: Path, *, threads: int = 0, cache_bytes: int = CACHE_BYTES, max_length: int = 0
    ) -> "Encoder":
        """The model of a version folder, or of the newest version in a model's folder.

        threads: cores to use, 0 for all this process may use. cache_bytes: bound on the kept document
        vectors. max_length: tokens read of what is scored (a text, or a pair), 0 for what the model was
        built for; another value changes scores, so it becomes part of the fingerprint. Raises
        ModelFolderError.
        """
        folder = find_version_folder(Path(folder))
        manifest = read_manifest(folder)
        if manifest.kind not in LOADERS:
            runs = " and ".join(f"`{kind}`" for kind in LOADERS)
            raise ModelFolderError(f"{folder}: a `{manifest.kind}`; this version of reshelf runs {runs}.")
        max_length = max_length or manifest.max_length
        if max_length not in MAX_LENGTHS:
            raise ModelFolderError(
                f"max_length {max_length}: choose {MAX_LENGTHS.start} to {MAX_LENGTHS.stop - 1}."
            )
        fingerprint = manifest.fingerprint
        if max_length != manifest.max_length:
            fingerprint += f"+{max_length}"
        strategy = LOADERS[manifest.kind](folder, manifest, max_length, cache_bytes)
        # A GPU does one micro-batch after the other.
        lanes = (threads or usable_cores()) if strategy.network.on_cpu else 1
        return cls(strategy, fingerprint, lanes)

    def score(
        self,
        queries: Sequence[Text],
        texts: Sequence[Text],
        *,
        remaining: Callable[[], float] = forever,
        cancelled: Callable[[], bool] = never,
    ) -> Scored:
        """Scores n pairs, best candidates first; see `Job`."""
        return self.score_jobs([Job(queries, texts, remaining, cancelled)])[0]

    def embed(
        self,
        texts: Sequence[Text],
        *,
        remaining: Callable[[], float] = forever,
        cancelled: Callable[[], bool] = never,
    ) -> NDArray[np.float32]:
        """float32 [n, d]: a vector of length 1 for each text, best first, NaN where not reached in time.

        Zeros for a text that the model cannot read (see `unreadable`)."""
        job = Job([""] * len(texts), texts, remaining, cancelled, scores=False, vectors=True)
        return self.score_jobs([job])[0].vectors

    def score_jobs(self, jobs: Sequence[Job]) -> list[Scored]:
        """Does several requests in shared micro-batches, each with its own time.

        Requests take turns by rank: the best candidates of all are scored before the second best of any.
        """
        plan = self._strategy.plan(jobs)
        self._lanes.run(batches(plan.works))
        return plan.finish()


def usable_cores() -> int:
    """Cores this process may use: a container or taskset may allow fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
