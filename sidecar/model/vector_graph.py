"""The graph of a bi-encoder: texts to vectors."""

import numpy as np
import onnx
from onnx import TensorProto

from sidecar.model.bert import Bert, Weights
from sidecar.model.encoder_layers import encode
from sidecar.model.graph import ATTENTION_MASK, INPUT_IDS, Graph, Linear, finished

VECTOR = "vector"


def build_vector_graph(bert: Bert, weights: Weights, linear: Linear) -> onnx.ModelProto:
    """int32 input_ids and attention_mask [b, s] → float32 vector [b, d] of unit length."""
    graph = Graph()
    x = encode(graph, bert, weights, linear, pairs=False, first_only=bert.pooling == "cls")
    axis = graph.constant("axis", np.array([1], dtype=np.int64))
    if bert.pooling == "cls":
        pooled = graph.node("Squeeze", [x, axis], "pooled")
    else:
        # mask [b, 1, s] @ x [b, s, d] is the sum over real tokens; dividing it would not outlast the norm.
        mask = graph.node("Cast", [ATTENTION_MASK], "weight.each", to=TensorProto.FLOAT)
        total = graph.node("MatMul", [graph.node("Unsqueeze", [mask, axis], "weight.row"), x], "sum")
        pooled = graph.node("Squeeze", [total, axis], "pooled")
    graph.node("LpNormalization", [pooled], VECTOR, axis=-1, p=2)
    return finished(graph, [INPUT_IDS, ATTENTION_MASK], VECTOR, bert.dimensions)
