"""The multiplication of 8-bit numbers, as ONNX Runtime does it: rounded x times a part's rounded weights."""

import numpy as np
from numpy.typing import NDArray

from sidecar.model.bert import Array
from sidecar.model.graph import MICROSOFT, Graph, Part


def integer_product(
    graph: Graph, x: tuple[str, str, str], part: Part, weight: NDArray[np.int8], scale: Array, bias: Array
) -> str:
    """The output of one part.

    x: the names of the rounded activations, their step and their zero. weight [in, out] in steps of scale
    [out], which has no zero point.
    """
    whole, step, zero = x
    inputs = [
        whole,
        graph.constant(f"{part.name}.weight", weight),
        step,
        graph.constant(f"{part.name}.scale", scale),
        zero,
        graph.constant(f"{part.name}.zero", np.zeros(scale.shape, dtype=np.int8)),
        graph.constant(f"{part.name}.bias", bias.astype(np.float32)),
    ]
    return graph.node("MatMulIntegerToFloat", inputs, f"{part.name}.product", MICROSOFT)
