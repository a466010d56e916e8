"""FlashRank itself with these weights: all pairs of a request in one padded batch."""

import math
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from flashrank import Ranker, RerankRequest
from flashrank.Config import model_file_map

from .files import ONNX_FP32, ONNX_INT8
from .worker import Score


def versions() -> str:
    """What runs."""
    return f"flashrank {version('flashrank')}, onnxruntime {version('onnxruntime')}"


def fp32(folder: str, max_length: int, _threads: int) -> Score:
    """The exported graph."""
    return _load(Path(folder), ONNX_FP32, max_length)


def int8(folder: str, max_length: int, _threads: int) -> Score:
    """The quantised graph, as FlashRank ships most of its models."""
    return _load(Path(folder), ONNX_INT8, max_length)


def _load(folder: Path, graph: str, max_length: int) -> Score:
    # It knows its models by name; a folder of that name in the cache is used as it is. Its session has the
    # library's default threads: one for each core that this process may use.
    model_file_map[folder.name] = graph
    ranker = Ranker(folder.name, str(folder.parent), max_length, log_level="ERROR")

    def score(query: str, texts: list[str]) -> Sequence[float]:
        passages = [{"id": number, "text": text} for number, text in enumerate(texts)]
        found = ranker.rerank(RerankRequest(query, passages))
        scores = [0.0] * len(texts)
        for passage in found:
            scores[passage["id"]] = _logit(float(passage["score"]))
        return scores

    return score


def _logit(share: float) -> float:
    """Undo the sigmoid that it ends with."""
    share = min(max(share, 1e-9), 1 - 1e-9)
    return math.log(share / (1 - share))
