"""The engine: pairs in best-first order, scores out, as many as the time allows."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from .batching import BLOCK, micro_batches
from .bi_encoder import BiEncoder
from .job import Job, Scored, Text, never
from .model_folder import ModelFolderError, find_version_folder, read_manifest
from .network import Network
from .vector_cache import VectorCache

CACHE_BYTES = 256 * 1024 * 1024
QUERY_CACHE_BYTES = 2 * 1024 * 1024
"""Some 2,000 queries: enough for the pages of one search and what everybody types at the moment."""
MAX_LENGTHS = range(8, 513)


class Encoder:
    """A loaded model. Safe for use by several threads; texts are cleaned, cut and tokenised inside.

    Nothing that a text may hold raises: not invalid UTF-8, lone surrogates, NULs, emptiness or megabytes.
    """

    def __init__(self, network: Network, strategy: BiEncoder, fingerprint: str, dimensions: int) -> None:
        self._network = network
        self._strategy = strategy
        self.fingerprint = fingerprint
        self.dimensions = dimensions

    @property
    def providers(self) -> list[str]:
        """What runs the graph (ONNX Runtime's execution providers), best first."""
        return self._network.providers

    @classmethod
    def load(
        cls, folder: Path, *, threads: int = 0, cache_bytes: int = CACHE_BYTES, max_length: int = 0
    ) -> "Encoder":
        """The model of a version folder, or of the newest version in a model's folder.

        threads: cores to use, 0 for all this process may use. cache_bytes: bound on the kept document
        vectors. max_length: tokens of a text that are read, 0 for what the model was built for; another
        value changes scores, so it becomes part of the fingerprint. Raises ModelFolderError.
        """
        folder = find_version_folder(Path(folder))
        manifest = read_manifest(folder)
        if manifest.kind != BiEncoder.KIND:
            raise ModelFolderError(
                f"{folder}: a `{manifest.kind}`; this version of reshelf runs `{BiEncoder.KIND}`."
            )
        max_length = max_length or manifest.max_length
        if max_length not in MAX_LENGTHS:
            raise ModelFolderError(
                f"max_length {max_length}: choose {MAX_LENGTHS.start} to {MAX_LENGTHS.stop - 1}."
            )
        fingerprint = manifest.fingerprint
        if max_length != manifest.max_length:
            fingerprint += f"+{max_length}"
        network = Network(
            folder, precision=manifest.precision, max_length=max_length, threads=threads or usable_cores()
        )
        # An int8 vector is not known to more than half precision; halving it doubles what the cache holds.
        dtype = np.float16 if manifest.precision == "int8" else np.float32
        strategy = BiEncoder(
            max_length=max_length,
            queries=VectorCache(QUERY_CACHE_BYTES, manifest.dimensions, dtype),
            documents=VectorCache(cache_bytes, manifest.dimensions, dtype),
        )
        return cls(network, strategy, fingerprint, manifest.dimensions)

    def score(
        self, queries: Sequence[Text], texts: Sequence[Text], *, should_stop: Callable[[], bool] = never
    ) -> Scored:
        """Scores n pairs, best candidates first; see `Job`."""
        return self.score_jobs([Job(queries, texts, should_stop)])[0]

    def score_jobs(self, jobs: Sequence[Job]) -> list[Scored]:
        """Scores several requests in shared micro-batches, each with its own `should_stop`.

        Requests take turns by rank: the best candidates of all are scored before the second best of any.
        """
        plan = self._strategy.plan(jobs)
        work = plan.work
        for block in work.blocks(BLOCK):
            tokens = dict(
                zip(block, self._network.tokenize([work.texts[item] for item in block]), strict=True)
            )
            for batch in micro_batches([len(tokens[item]) for item in block]):
                items = work.still_wanted([block[position] for position in batch])
                if items:
                    work.done(items, self._network.rows([tokens[item] for item in items]))
        return self._strategy.finish(plan)


def usable_cores() -> int:
    """Cores this process may use: a container or taskset may allow fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
