"""What the machine's matrix units can do at this moment: the measure of how well an arm uses them."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

# See inference/network.py.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

SHAPES = ((1024, 384, 1536), (2048, 1024, 1024))
"""(rows, inner, columns): a layer of MiniLM on a full batch, and one with less memory traffic."""
SECONDS = 0.15


@dataclass(frozen=True, slots=True)
class Peak:
    """Billions of operations a second; a multiplication and its addition are two."""

    fp32: float
    int8: float


class GemmProbe:
    """Multiplies matrices of fixed shapes; the best of them counts."""

    def __init__(self, threads: int) -> None:
        self._runs = {
            precision: [(_multiply(precision, shape, threads), 2.0 * np.prod(shape)) for shape in SHAPES]
            for precision in ("fp32", "int8")
        }

    def measure(self) -> Peak:
        """Some tenths of a second."""
        best = {
            precision: max(_rate(run, float(work)) for run, work in runs)
            for precision, runs in self._runs.items()
        }
        return Peak(best["fp32"], best["int8"])


def _rate(run: Callable[[], object], work: float) -> float:
    run()
    fastest = float("inf")
    until = time.perf_counter() + SECONDS
    while (begin := time.perf_counter()) < until:
        run()
        fastest = min(fastest, time.perf_counter() - begin)
    return work / fastest / 1e9


def _multiply(precision: str, shape: tuple[int, int, int], threads: int) -> Callable[[], object]:
    """One multiplication by ONNX Runtime, the weights constant and packed as a network's are."""
    rows, inner, columns = shape
    random = np.random.default_rng(0)
    if precision == "int8":
        left = random.integers(0, 256, (rows, inner)).astype(np.uint8)
        # Half the range, so that processors without VNNI do not saturate.
        right = random.integers(-64, 64, (inner, columns)).astype(np.int8)
        kinds, operator = (TensorProto.UINT8, TensorProto.INT32), "MatMulInteger"
    else:
        left = random.normal(size=(rows, inner)).astype(np.float32)
        right = random.normal(size=(inner, columns)).astype(np.float32)
        kinds, operator = (TensorProto.FLOAT, TensorProto.FLOAT), "MatMul"
    graph = helper.make_graph(
        [helper.make_node(operator, ["a", "b"], ["c"])],
        "probe",
        [helper.make_tensor_value_info("a", kinds[0], [rows, inner])],
        [helper.make_tensor_value_info("c", kinds[1], [rows, columns])],
        [onnx.numpy_helper.from_array(right, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda: session.run(None, {"a": left})
