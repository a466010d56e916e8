"""The 8-bit way that most take: ranges of the activations by what is in the batch at the moment.

ONNX Runtime's `quantize_dynamic`, per output channel. A text's score then depends on what was asked beside
it; it is here to be compared with (`reshelf model compare`).
"""

from collections.abc import Sequence

import numpy as np
from onnx import helper

from sidecar.model.activation import LARGEST_WEIGHT, scales_of
from sidecar.model.graph import Graph, Part
from sidecar.model.integer_product import integer_product


def dynamic_int8(graph: Graph, x: str, parts: Sequence[Part]) -> list[str]:
    """A `Linear`."""
    whole, step, zero = f"{parts[0].name}.x", f"{parts[0].name}.x.step", f"{parts[0].name}.x.zero"
    graph.nodes.append(helper.make_node("DynamicQuantizeLinear", [x], [whole, step, zero], name=whole))
    outputs = []
    for part in parts:
        scale = scales_of(part.weight)
        weight = np.clip(np.rint(part.weight / scale), -LARGEST_WEIGHT, LARGEST_WEIGHT).astype(np.int8)
        outputs.append(integer_product(graph, (whole, step, zero), part, weight, scale, part.bias))
    return outputs
