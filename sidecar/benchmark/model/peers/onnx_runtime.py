"""Bare ONNX Runtime as its users run it: the exported graph, padded batches of 32 in the order of arrival."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from .files import ONNX_FP32, ONNX_INT8, PADDING
from .worker import Score

BATCH = 32


def versions() -> str:
    """What runs."""
    return f"onnxruntime {onnxruntime.__version__}"


def fp32(folder: str, max_length: int, threads: int) -> Score:
    """The exported graph."""
    return _load(Path(folder), ONNX_FP32, max_length, threads)


def int8(folder: str, max_length: int, threads: int) -> Score:
    """The same, dynamically quantised, per channel."""
    return _load(Path(folder), ONNX_INT8, max_length, threads)


def _load(folder: Path, graph: str, max_length: int, threads: int) -> Score:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_length)
    tokenizer.enable_padding(pad_id=0, pad_token=PADDING)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(folder / graph), options, providers=["CPUExecutionProvider"])
    wanted = {given.name for given in session.get_inputs()}

    def score(query: str, texts: list[str]) -> Sequence[float]:
        scores: list[float] = []
        for start in range(0, len(texts), BATCH):
            tokens = tokenizer.encode_batch([(query, text) for text in texts[start : start + BATCH]])
            inputs = {
                "input_ids": np.array([one.ids for one in tokens], np.int64),
                "attention_mask": np.array([one.attention_mask for one in tokens], np.int64),
                "token_type_ids": np.array([one.type_ids for one in tokens], np.int64),
            }
            given = {name: value for name, value in inputs.items() if name in wanted}
            scores.extend(session.run(None, given)[0][:, 0].tolist())
        return scores

    return score
