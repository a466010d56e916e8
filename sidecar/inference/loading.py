"""From the files of a version folder to each way of scoring."""

from pathlib import Path

import numpy as np

from .bi_encoder import BiEncoder
from .cross_encoder import CrossEncoder
from .model_folder import GRAPH, TOKENIZER, VECTORS_GRAPH, VECTORS_TOKENIZER, Manifest
from .network import Network
from .vector_cache import VectorCache

QUERY_CACHE_BYTES = 2 * 1024 * 1024
"""Some 2,000 queries: enough for the pages of one search and what everybody types at the moment."""


def load_bi_encoder(folder: Path, manifest: Manifest, max_length: int, cache_bytes: int) -> BiEncoder:
    """Scores by the cosine of two vectors. Raises ModelFolderError."""
    return _embedder(folder / GRAPH, folder / TOKENIZER, manifest, max_length, cache_bytes)


def load_cross_encoder(folder: Path, manifest: Manifest, max_length: int, cache_bytes: int) -> CrossEncoder:
    """Scores pairs, and embeds texts where the folder has a graph for that. Raises ModelFolderError."""
    network = Network(
        folder / GRAPH,
        folder / TOKENIZER,
        precision=manifest.precision,
        max_length=max_length,
    )
    vectors = None
    if manifest.dimensions:
        own = folder / VECTORS_TOKENIZER
        vectors = _embedder(
            folder / VECTORS_GRAPH,
            own if own.is_file() else folder / TOKENIZER,
            manifest,
            manifest.text_max_length,
            cache_bytes,
        )
    return CrossEncoder(network, max_length=max_length, vectors=vectors)


def _embedder(
    graph: Path, tokenizer: Path, manifest: Manifest, max_length: int, cache_bytes: int
) -> BiEncoder:
    network = Network(graph, tokenizer, precision=manifest.precision, max_length=max_length)
    # An int8 vector is not known to more than half precision; halving it doubles what the cache holds.
    dtype = np.float16 if manifest.precision.startswith("int8") else np.float32
    return BiEncoder(
        network,
        max_length=max_length,
        queries=VectorCache(QUERY_CACHE_BYTES, manifest.dimensions, dtype),
        documents=VectorCache(cache_bytes, manifest.dimensions, dtype),
    )
