"""Our own arms in a process of their own, by the same lines as the peers'.

Run: python -m sidecar.benchmark.model.own_worker (process|triton) (FOLDER|ADDRESS) MAX_LENGTH THREADS
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from sidecar.benchmark.model.peers.worker import Score, keep_to, private_output, serve

PATIENCE = 120.0
"""Seconds for one request: what is measured is all of the work."""


def in_process(folder: str, max_length: int, threads: int) -> tuple[Score, str]:
    """The engine here."""
    from sidecar.inference import Encoder

    encoder = Encoder.load(Path(folder), threads=threads, max_length=max_length)

    def score(query: str, texts: list[str]) -> Sequence[float]:
        found: list[float] = encoder.score([query] * len(texts), texts).scores.tolist()
        return found

    return score, f"onnxruntime {version('onnxruntime')}, {encoder.fingerprint}"


def on_triton(address: str) -> tuple[Score, str]:
    """The sidecar's own client of a model on Triton; no cache is between them."""
    from sidecar.domain.deadline import Deadline
    from sidecar.ranking.relevance.triton import TritonScorer

    loop = asyncio.new_event_loop()

    async def open_channel() -> TritonScorer:
        return TritonScorer(address, "bert_reranker")

    scorer = loop.run_until_complete(open_channel())

    def score(query: str, texts: list[str]) -> Sequence[float]:
        answer = loop.run_until_complete(scorer.score(query, texts, Deadline.after(PATIENCE)))
        found: list[float] = answer.values.tolist()
        return found

    score("red shoes", ["red shoes"])
    return score, f"tritonclient {version('tritonclient')}, {scorer.model}"


def main(arguments: Sequence[str]) -> None:
    """See the module."""
    way, where, max_length, threads = arguments
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    told = private_output()
    keep_to(int(threads))
    if way == "triton":
        serve(lambda: on_triton(where), sys.stdin, told)
    else:
        serve(lambda: in_process(where, int(max_length), int(threads)), sys.stdin, told)


if __name__ == "__main__":
    main(sys.argv[1:])
