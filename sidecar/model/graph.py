"""The ONNX graph of a BERT encoder, written out with ONNX Runtime's fused operators.

Writing it is shorter and faster than exporting it with torch and letting an optimiser find the fusions:
the graph is the same for every BERT, and what runs is what is written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sidecar.model.bert import Array

MICROSOFT = "com.microsoft"
OPSET = 23
IR_VERSION = 10
INPUT_IDS, ATTENTION_MASK, TOKEN_TYPES = "input_ids", "attention_mask", "token_type_ids"


@dataclass(frozen=True)
class Part:
    """One multiplication: x @ weight + bias. `weight` [in, out], `bias` [out]; `name` for its nodes."""

    name: str
    weight: Array
    bias: Array


class Linear(Protocol):
    """Writes multiplications of one x into a graph at some precision."""

    def __call__(self, graph: "Graph", x: str, parts: Sequence[Part]) -> list[str]:
        """The outputs' names, one a part."""


class Graph:
    """Nodes and constants as they are written down."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.names: set[str] = set()

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Adds a constant; answers its name."""
        self.names.add(name)
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        """Adds an operator with one output; answers the output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def first(self, x: str, name: str) -> str:
        """[CLS]'s row of x: [b, s, d] → [b, 1, d]."""
        if "first" not in self.names:
            self.constant("first", np.array([0], dtype=np.int64))
        return self.node("Gather", [x, "first"], name, axis=1)


def float32(graph: Graph, x: str, parts: Sequence[Part]) -> list[str]:
    """Exact; a `Linear`."""
    outputs = []
    for part in parts:
        weight = graph.constant(f"{part.name}.weight", part.weight)
        product = graph.node("MatMul", [x, weight], f"{part.name}.product")
        bias = graph.constant(f"{part.name}.bias", part.bias)
        outputs.append(graph.node("Add", [product, bias], f"{part.name}.sum"))
    return outputs


def finished(graph: Graph, inputs: list[str], output: str, width: int) -> onnx.ModelProto:
    """The model of a written graph: int32 `inputs` [b, s] → float32 `output` [b, width]."""
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "bert",
            [helper.make_tensor_value_info(name, TensorProto.INT32, ["b", "s"]) for name in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["b", width])],
            graph.constants,
        ),
        producer_name="reshelf",
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model
