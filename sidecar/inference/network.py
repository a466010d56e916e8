"""The ONNX graph and its tokenizer, as one function from texts or pairs to rows of numbers."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# A part of a search engine tells nobody what it does. ONNX Runtime collects usage data from its import on,
# unless told not to before.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from .model_folder import ModelFolderError
from .pace import Pace
from .unreadable import is_unreadable, unknown_token

# The tokenizer's own threads would fight with ONNX Runtime's over the same cores.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

Pair = tuple[str, str]
Item = str | Pair
"""What goes through the network as one row: a text, or a query and a text."""

Answer = Callable[[dict[str, NDArray[np.int32]]], NDArray[np.float32]]
"""From token ids and the like, [b, s] each, to rows."""
WARM_UP = "a " * 20
WARM_UP_ROWS = 4
WARM_UPS = 3
WARNING = 2
"""ONNX Runtime's log level, so that a start is quiet."""


class Network:
    """Tokens in, one row of numbers for each text or pair out. Safe for use by several threads."""

    def __init__(self, graph: Path, tokenizer: Path, *, precision: str, max_length: int) -> None:
        """Both are files. Raises ModelFolderError."""
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelFolderError(f"{tokenizer}: cannot be read: {error}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = WARNING
        # The thread that calls does all the work; see `lanes` for how the other cores are used.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
        try:
            self._session = _in_own_thread(
                lambda: onnxruntime.InferenceSession(str(graph), options, providers=providers(precision))
            )
        except Exception as error:  # onnxruntime raises its own classes, all derived from Exception
            raise ModelFolderError(f"{graph}: cannot be loaded: {error}") from error
        self._reads_types = "token_type_ids" in {given.name for given in self._session.get_inputs()}
        self._width = int(self._session.get_outputs()[0].shape[1])
        self._unknown = unknown_token(self._tokenizer)
        self.answer: Answer = lambda inputs: self._session.run(None, inputs)[0]
        """What runs the graph; measurements put other runtimes in its place."""
        self.pace = Pace()
        self._warm_up()

    @property
    def providers(self) -> list[str]:
        """What runs the graph, best first."""
        return list(self._session.get_providers())

    @property
    def on_cpu(self) -> bool:
        """Whether the processor does all the work."""
        return self.providers == ["CPUExecutionProvider"]

    def tokenize(self, items: Sequence[Item]) -> list[Encoding]:
        """Tokens of each text or pair, special ones included, truncated to the model's max_length."""
        encodings: list[Encoding] = self._tokenizer.encode_batch_fast(list(items))
        return encodings

    def rows(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        """float32 [n, width] for n tokenised items; zeros for what the model cannot read."""
        readable = [
            row for row, encoding in enumerate(encodings) if not is_unreadable(encoding, self._unknown)
        ]
        if len(readable) == len(encodings):
            return self._run(encodings)
        answer = np.zeros((len(encodings), self._width), dtype=np.float32)
        if readable:
            answer[readable] = self._run([encodings[row] for row in readable])
        return answer

    def inputs(self, encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int32]]:
        """What the graph reads, padded to the longest: int32 [n, s] each."""
        shape = (len(encodings), max(len(encoding) for encoding in encodings))
        names = ["input_ids", "attention_mask", *(["token_type_ids"] if self._reads_types else [])]
        inputs = {name: np.zeros(shape, dtype=np.int32) for name in names}
        for row, encoding in enumerate(encodings):
            length = len(encoding)
            inputs["input_ids"][row, :length] = encoding.ids
            inputs["attention_mask"][row, :length] = 1
            if self._reads_types:
                inputs["token_type_ids"][row, :length] = encoding.type_ids
        return inputs

    def words(self) -> list[str]:
        """Whole words of the vocabulary, sorted."""
        return sorted(word for word in self._tokenizer.get_vocab() if word.isalpha())

    def _run(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        """The graph's answer."""
        inputs = self.inputs(encodings)
        shape = inputs["input_ids"].shape
        begun = time.perf_counter()
        answer = self.answer(inputs)
        self.pace.took(shape[0] * shape[1], time.perf_counter() - begun)
        return answer

    def _warm_up(self) -> None:
        """Runs a few micro-batches, so that the first request knows what its work will take."""
        sample = self.tokenize([WARM_UP if not self._reads_types else (WARM_UP, WARM_UP)])
        self._run(sample)  # reserves memory, which is slow once
        self.pace = Pace()
        for _ in range(WARM_UPS):
            self._run(sample * WARM_UP_ROWS)


def _in_own_thread(load: Callable[[], onnxruntime.InferenceSession]) -> onnxruntime.InferenceSession:
    """What `load` answers or raises.

    With denormals set to zero, ONNX Runtime also changes the floating point mode of the thread that makes
    the process's first session, for good, and of all threads that it starts: whatever else runs there would
    lose its smallest numbers. ONNX Runtime's own threads set the mode themselves; the caller's share of the
    work takes as long without it.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="load") as apart:
        return apart.submit(load).result()


def providers(precision: str) -> list[str]:
    """CUDA first where there is one, but for int8 graphs: their kernels are for CPUs only."""
    cuda = "CUDAExecutionProvider"
    if not precision.startswith("int8") and cuda in onnxruntime.get_available_providers():
        return [cuda, "CPUExecutionProvider"]
    return ["CPUExecutionProvider"]
