"""sentence-transformers' CrossEncoder with its three backends: batches of 32, sorted by characters."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import torch
from sentence_transformers import CrossEncoder

from .files import ONNX_FP32, ONNX_INT8, ONNX_OPTIMIZED, OPENVINO_FP32, OPENVINO_INT8
from .worker import Score


def versions() -> str:
    """What runs."""
    parts = ("sentence-transformers", "transformers", "torch", "onnxruntime", "openvino")
    return ", ".join(f"{part} {version(part)}" for part in parts)


def torch_fp32(folder: str, max_length: int, threads: int) -> Score:
    """PyTorch, as most users run it."""
    torch.set_num_threads(threads)
    return _load(folder, max_length, "torch", {})


def onnx_fp32(folder: str, max_length: int, threads: int) -> Score:
    """The exported graph."""
    return _onnx(folder, max_length, threads, ONNX_FP32)


def onnx_optimized(folder: str, max_length: int, threads: int) -> Score:
    """The exported graph, optimised at the level that their guide recommends for CPUs."""
    return _onnx(folder, max_length, threads, ONNX_OPTIMIZED)


def onnx_int8(folder: str, max_length: int, threads: int) -> Score:
    """Dynamically quantised by their exporter."""
    return _onnx(folder, max_length, threads, ONNX_INT8)


def openvino_fp32(folder: str, max_length: int, threads: int) -> Score:
    """OpenVINO, told to compute in 32 bits: its default takes 16-bit floats where the processor has them."""
    return _openvino(folder, max_length, threads, OPENVINO_FP32, {"INFERENCE_PRECISION_HINT": "f32"})


def openvino_int8(folder: str, max_length: int, threads: int) -> Score:
    """Quantised after training by NNCF, on a shop's titles."""
    return _openvino(folder, max_length, threads, OPENVINO_INT8, {})


def _onnx(folder: str, max_length: int, threads: int, graph: str) -> Score:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return _load(
        folder,
        max_length,
        "onnx",
        {"file_name": graph, "provider": "CPUExecutionProvider", "session_options": options},
    )


def _openvino(folder: str, max_length: int, threads: int, graph: str, extra: dict[str, str]) -> Score:
    config = {"INFERENCE_NUM_THREADS": str(threads), "PERFORMANCE_HINT": "LATENCY", **extra}
    return _load(folder, max_length, "openvino", {"file_name": graph, "ov_config": config})


def _load(folder: str, max_length: int, backend: Any, options: dict[str, Any]) -> Score:
    model = CrossEncoder(folder, max_length=max_length, backend=backend, model_kwargs=options, device="cpu")
    raw: Callable[[Any], Any] = torch.nn.Identity()

    def score(query: str, texts: list[str]) -> Sequence[float]:
        pairs = [(query, text) for text in texts]
        found: Sequence[float] = model.predict(
            pairs, activation_fn=raw, show_progress_bar=False, convert_to_numpy=True
        ).tolist()
        return found

    return score
