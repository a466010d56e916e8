"""The ONNX graph of a BERT encoder, written out with ONNX Runtime's fused operators.

Writing it is shorter and faster than exporting it with torch and letting an optimiser find the fusions:
the graph is the same for every BERT, and what runs is what is written here.
"""

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


class Linear(Protocol):
    """Writes x @ weight + bias into a graph at some precision."""

    def __call__(self, graph: "Graph", x: str, name: str, weight: Array, bias: Array | None) -> str:
        """weight [in, out], bias [out] or None; answers the output's name."""


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


def float32(graph: Graph, x: str, name: str, weight: Array, bias: Array | None) -> str:
    """Exact; a `Linear`."""
    product = graph.node("MatMul", [x, graph.constant(f"{name}.weight", weight)], f"{name}.product")
    if bias is None:
        return product
    return graph.node("Add", [product, graph.constant(f"{name}.bias", bias)], f"{name}.sum")


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
