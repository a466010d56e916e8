"""The ONNX graph of a BERT encoder with pooling, written out with ONNX Runtime's fused operators.

Writing it is shorter and faster than exporting it with torch and letting an optimiser find the fusions:
the graph is the same for every BERT, and what runs is what is written here.
"""

from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from sidecar.model.bert import Array, Bert, Weights, layer_prefix

MICROSOFT = "com.microsoft"
OPSET = 18
IR_VERSION = 10
INPUT_IDS, ATTENTION_MASK, VECTOR = "input_ids", "attention_mask", "vector"


class Linear(Protocol):
    """Writes x @ weight + bias into a graph at some precision."""

    def __call__(self, graph: "Graph", x: str, name: str, weight: Array, bias: Array | None) -> str:
        """weight [in, out], bias [out] or None; answers the output's name."""


class Graph:
    """Nodes and constants as they are written down."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Adds a constant; answers its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        """Adds an operator with one output; answers the output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def split(self, x: str, outputs: list[str]) -> list[str]:
        """Splits the last axis into equal parts."""
        self.nodes.append(
            helper.make_node(
                "Split", [x], outputs, name=outputs[0] + ".split", axis=-1, num_outputs=len(outputs)
            )
        )
        return outputs

    def normalize(self, x: str, skip: str, name: str, weights: Weights, prefix: str, epsilon: float) -> str:
        """LayerNorm(x + skip)."""
        gamma = self.constant(f"{name}.gamma", weights[f"{prefix}LayerNorm.weight"])
        beta = self.constant(f"{name}.beta", weights[f"{prefix}LayerNorm.bias"])
        return self.node("SkipLayerNormalization", [x, skip, gamma, beta], name, MICROSOFT, epsilon=epsilon)


def build_graph(bert: Bert, weights: Weights, linear: Linear) -> onnx.ModelProto:
    """int32 input_ids and attention_mask [b, s] → float32 vector [b, d] of unit length.

    Token types are all 0 (one text a row), so their embedding is added to the positions once, here.
    """
    graph = Graph()
    x = _embeddings(graph, bert, weights)
    for layer in range(bert.layers):
        x = _layer(graph, bert, weights, linear, layer, x)
    _pool(graph, bert, x)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "bert",
            [
                helper.make_tensor_value_info(name, TensorProto.INT32, ["b", "s"])
                for name in (INPUT_IDS, ATTENTION_MASK)
            ],
            [helper.make_tensor_value_info(VECTOR, TensorProto.FLOAT, ["b", bert.dimensions])],
            graph.constants,
        ),
        producer_name="reshelf",
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model


def _embeddings(graph: Graph, bert: Bert, weights: Weights) -> str:
    positions = weights["embeddings.position_embeddings.weight"]
    types = weights.get("embeddings.token_type_embeddings.weight")
    if types is not None:
        positions = positions + types[0].astype(np.float32)
    inputs = [
        INPUT_IDS,
        "",
        graph.constant("words", weights["embeddings.word_embeddings.weight"]),
        graph.constant("positions", positions),
        "",
        graph.constant("embedding.gamma", weights["embeddings.LayerNorm.weight"]),
        graph.constant("embedding.beta", weights["embeddings.LayerNorm.bias"]),
    ]
    graph.nodes.append(
        helper.make_node(
            "EmbedLayerNormalization",
            inputs,
            ["embedded", "unused"],
            name="embedded",
            domain=MICROSOFT,
            epsilon=bert.epsilon,
        )
    )
    return "embedded"


def _layer(graph: Graph, bert: Bert, weights: Weights, linear: Linear, layer: int, x: str) -> str:
    prefix, name = layer_prefix(layer), f"layer{layer}"
    projections = ("query", "key", "value")
    weight = np.concatenate([weights[f"{prefix}attention.self.{p}.weight"].T for p in projections], axis=1)
    bias = np.concatenate([weights[f"{prefix}attention.self.{p}.bias"] for p in projections])
    qkv = linear(graph, x, f"{name}.qkv", weight, bias)
    query, key, value = graph.split(qkv, [f"{name}.{p}" for p in projections])
    attended = graph.node(
        "MultiHeadAttention",
        [query, key, value, "", ATTENTION_MASK],
        f"{name}.attended",
        MICROSOFT,
        num_heads=bert.heads,
    )
    if layer == bert.layers - 1 and bert.pooling == "cls":
        # Nothing after the last attention mixes positions, so only the first one is still needed.
        first = graph.constant("first", np.array([0], dtype=np.int64))
        attended = graph.node("Gather", [attended, first], f"{name}.attended.first", axis=1)
        x = graph.node("Gather", [x, first], f"{name}.input.first", axis=1)

    def dense(source: str, part: str, with_bias: bool) -> str:
        tensors = f"{prefix}{part}.dense."
        b = weights[f"{tensors}bias"] if with_bias else None
        return linear(graph, source, f"{name}.{part}", weights[f"{tensors}weight"].T, b)

    output = dense(attended, "attention.output", with_bias=True)
    x = graph.normalize(output, x, f"{name}.normed", weights, f"{prefix}attention.output.", bert.epsilon)
    wide = dense(x, "intermediate", with_bias=False)
    gelu_bias = graph.constant(f"{name}.gelu.bias", weights[f"{prefix}intermediate.dense.bias"])
    wide = graph.node("BiasGelu", [wide, gelu_bias], f"{name}.gelu", MICROSOFT)
    output = dense(wide, "output", with_bias=True)
    return graph.normalize(output, x, f"{name}.out", weights, f"{prefix}output.", bert.epsilon)


def _pool(graph: Graph, bert: Bert, x: str) -> None:
    axis = graph.constant("axis", np.array([1], dtype=np.int64))
    if bert.pooling == "cls":
        pooled = graph.node("Squeeze", [x, axis], "pooled")
    else:
        # mask [b, 1, s] @ x [b, s, d] is the sum over real tokens; dividing it would not outlast the norm.
        mask = graph.node("Cast", [ATTENTION_MASK], "mask", to=TensorProto.FLOAT)
        total = graph.node("MatMul", [graph.node("Unsqueeze", [mask, axis], "mask.row"), x], "sum")
        pooled = graph.node("Squeeze", [total, axis], "pooled")
    graph.node("LpNormalization", [pooled], VECTOR, axis=-1, p=2)
