"""The graph of a cross-encoder: pairs to logits."""

import numpy as np
import onnx

from sidecar.model.bert import Bert, Weights
from sidecar.model.encoder_layers import encode
from sidecar.model.graph import ATTENTION_MASK, INPUT_IDS, TOKEN_TYPES, Graph, Linear, Part, finished, float32
from sidecar.model.head import Head

SCORE = "score"


def build_pair_graph(bert: Bert, weights: Weights, head: Head, linear: Linear) -> onnx.ModelProto:
    """int32 input_ids, attention_mask and token_type_ids [b, s] → float32 score [b, 1], a logit.

    The head is exact at any precision: on one row a pair it costs nothing.
    """
    graph = Graph()
    x = encode(graph, bert, weights, linear, pairs=True, first_only=True)
    axis = graph.constant("axis", np.array([1], dtype=np.int64))
    x = graph.node("Squeeze", [x, axis], "first.row")
    (x,) = float32(graph, x, [Part("pooler", head.pooler.T, head.pooler_bias)])
    x = graph.node("Tanh", [x], "pooled")
    (logit,) = float32(graph, x, [Part("classifier", head.classifier.T, head.classifier_bias)])
    graph.node("Identity", [logit], SCORE)
    return finished(graph, [INPUT_IDS, ATTENTION_MASK, TOKEN_TYPES], SCORE, 1)
