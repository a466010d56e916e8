"""The ONNX graph and its tokenizer, as one function from texts to rows of numbers."""

import os
from collections.abc import Sequence
from pathlib import Path

# A part of a search engine tells nobody what it does. ONNX Runtime collects usage data from its import on,
# unless told not to before.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from .model_folder import GRAPH, TOKENIZER, ModelFolderError

# The tokenizer's own threads would fight with ONNX Runtime's over the same cores.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

WARNING = 2
"""ONNX Runtime's log level, so that a start is quiet."""


class Network:
    """Tokens in, one row of `dimensions` numbers a text out. Safe for use by several threads."""

    def __init__(self, folder: Path, *, precision: str, max_length: int, threads: int) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelFolderError(f"{folder / TOKENIZER}: cannot be read: {error}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = WARNING
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that wait actively make a lone request a little faster and everything else on the machine
        # slower: with the search engine on the same cores a request took 1.4 times as long.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / GRAPH), options, providers=providers(precision)
            )
        except Exception as error:  # onnxruntime raises its own classes, all derived from Exception
            raise ModelFolderError(f"{folder / GRAPH}: cannot be loaded: {error}") from error

    @property
    def providers(self) -> list[str]:
        """What runs the graph, best first."""
        return list(self._session.get_providers())

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text, special tokens included, truncated to the model's max_length."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def rows(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """float32 [n, d] for n token lists, padded to the longest of them."""
        shape = (len(token_ids), max(len(ids) for ids in token_ids))
        input_ids = np.zeros(shape, dtype=np.int32)
        attention_mask = np.zeros(shape, dtype=np.int32)
        for row, ids in enumerate(token_ids):
            input_ids[row, : len(ids)] = ids
            attention_mask[row, : len(ids)] = 1
        answer: NDArray[np.float32] = self._session.run(
            None, {"input_ids": input_ids, "attention_mask": attention_mask}
        )[0]
        return answer


def providers(precision: str) -> list[str]:
    """CUDA first where there is one, but for int8 graphs: their kernels are for CPUs only."""
    cuda = "CUDAExecutionProvider"
    if precision != "int8" and cuda in onnxruntime.get_available_providers():
        return [cuda, "CPUExecutionProvider"]
    return ["CPUExecutionProvider"]
