"""The engine: pairs and texts in best-first order, scores and vectors out, as many as the time allows."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .batching import BLOCK, micro_batches
from .bi_encoder import BiEncoder
from .cross_encoder import CrossEncoder
from .job import Job, Scored, Text, never
from .loading import load_bi_encoder, load_cross_encoder
from .model_folder import ModelFolderError, find_version_folder, read_manifest
from .work import Work

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

    def __init__(self, strategy: BiEncoder | CrossEncoder, fingerprint: str) -> None:
        self._strategy = strategy
        self.fingerprint = fingerprint

    @property
    def kind(self) -> str:
        """How it scores: "bi-encoder" or "cross-encoder"."""
        return self._strategy.KIND

    @property
    def dimensions(self) -> int:
        """Of a vector; 0 for a model that makes none."""
        return self._strategy.dimensions

    @property
    def providers(self) -> list[str]:
        """What runs the graph (ONNX Runtime's execution providers), best first."""
        return self._strategy.network.providers

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
        load = LOADERS[manifest.kind]
        return cls(load(folder, manifest, max_length, threads or usable_cores(), cache_bytes), fingerprint)

    def score(
        self, queries: Sequence[Text], texts: Sequence[Text], *, should_stop: Callable[[], bool] = never
    ) -> Scored:
        """Scores n pairs, best candidates first; see `Job`."""
        return self.score_jobs([Job(queries, texts, should_stop)])[0]

    def embed(self, texts: Sequence[Text], *, should_stop: Callable[[], bool] = never) -> NDArray[np.float32]:
        """float32 [n, d]: a vector of length 1 for each text, best first, NaN where not reached in time.

        Zeros for a text that the model cannot read (see `unreadable`)."""
        job = Job([""] * len(texts), texts, should_stop, scores=False, vectors=True)
        return self.score_jobs([job])[0].vectors

    def score_jobs(self, jobs: Sequence[Job]) -> list[Scored]:
        """Does several requests in shared micro-batches, each with its own `should_stop`.

        Requests take turns by rank: the best candidates of all are scored before the second best of any.
        """
        plan = self._strategy.plan(jobs)
        for work, block in in_turns(plan.works):
            tokens = work.network.tokenize([work.items[item] for item in block])
            for batch in micro_batches([len(encoding) for encoding in tokens]):
                places = dict(zip((block[position] for position in batch), batch, strict=True))
                items = work.still_wanted(list(places))
                if items:
                    work.done(items, work.network.rows([tokens[places[item]] for item in items]))
        return plan.finish()


def in_turns(works: Sequence[Work]) -> Iterator[tuple[Work, list[int]]]:
    """A block of each work in turn, so that nobody's scores wait for all of another's vectors."""
    turns = [(work, work.blocks(BLOCK)) for work in works]
    while turns:
        for turn in list(turns):
            work, blocks = turn
            block = next(blocks, None)
            if block is None:
                turns.remove(turn)
            else:
                yield work, block


def usable_cores() -> int:
    """Cores this process may use: a container or taskset may allow fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
