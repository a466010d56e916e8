"""Infinity's engine in this process (its HTTP would only add to its time): 32 at a time, sorted by length."""

import asyncio
import os
from collections.abc import Sequence
from importlib.metadata import version

os.environ.setdefault("DO_NOT_TRACK", "1")

import torch
from infinity_emb import AsyncEmbeddingEngine, EngineArgs

from .worker import Score


def versions() -> str:
    """What runs."""
    return ", ".join(f"{part} {version(part)}" for part in ("infinity-emb", "sentence-transformers", "torch"))


def torch_fp32(folder: str, _max_length: int, threads: int) -> Score:
    """Its PyTorch engine. It reads as many tokens as the checkpoint's tokenizer says."""
    torch.set_num_threads(threads)
    loop = asyncio.new_event_loop()
    engine = AsyncEmbeddingEngine.from_args(
        EngineArgs(
            model_name_or_path=folder,
            engine="torch",
            device="cpu",
            batch_size=32,
            bettertransformer=False,
            compile=False,
            model_warmup=False,
        )
    )
    loop.run_until_complete(engine.astart())

    def score(query: str, texts: list[str]) -> Sequence[float]:
        found, _ = loop.run_until_complete(engine.rerank(query=query, docs=texts, raw_scores=True))
        scores = [0.0] * len(texts)
        for one in found:
            scores[one.index] = one.relevance_score
        return scores

    return score
