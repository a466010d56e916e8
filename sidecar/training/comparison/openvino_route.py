"""OpenVINO's way to 8 bits: NNCF's post-training quantisation of the exact graph, run by OpenVINO."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.inference.network import Network

SAMPLES = 96
ROWS = 8
WORDS = (1, 40)


@dataclass
class Quantized:
    """A compiled model. `answer` runs it in the calling thread's own request."""

    model: Any
    compiled: Any
    _requests: threading.local = field(default_factory=threading.local)

    def answer(self, inputs: dict[str, NDArray[np.int32]]) -> NDArray[np.float32]:
        """float32 [b, 1]."""
        request = getattr(self._requests, "own", None)
        if request is None:
            request = self._requests.own = self.compiled.create_infer_request()
        result: NDArray[np.float32] = request.infer(inputs)[self.compiled.output(0)].copy()
        return result

    def save(self, path: Path) -> int:
        """Writes it; answers its bytes."""
        import openvino

        openvino.save_model(self.model, path, compress_to_fp16=False)
        return path.stat().st_size + path.with_suffix(".bin").stat().st_size


def int8_by_openvino(graph: Path, network: Network, streams: int) -> Quantized:
    """Quantised on texts made of the vocabulary's words; `streams` micro-batches run side by side."""
    import nncf
    import openvino

    model = openvino.Core().read_model(graph)
    quantized = nncf.quantize(
        model,
        nncf.Dataset(_batches(network)),
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=SAMPLES // ROWS,
    )
    options = {
        "INFERENCE_NUM_THREADS": streams,
        "NUM_STREAMS": streams,
        # On processors with bfloat16 OpenVINO would use it, and be less exact than what it is compared with.
        "INFERENCE_PRECISION_HINT": "f32",
    }
    return Quantized(quantized, openvino.Core().compile_model(quantized, "CPU", options))


def _batches(network: Network) -> list[dict[str, NDArray[np.int32]]]:
    random = np.random.default_rng(0)
    words = network.words()
    pairs = [
        (" ".join(random.choice(words, 3)), " ".join(random.choice(words, random.integers(*WORDS))))
        for _ in range(SAMPLES)
    ]
    encodings = network.tokenize(pairs)
    return [network.inputs(encodings[start : start + ROWS]) for start in range(0, SAMPLES, ROWS)]
