"""BERT's encoder: from token ids to a row of numbers for each token, or for [CLS] alone."""

import numpy as np
from onnx import TensorProto

from sidecar.model.bert import TYPES, Bert, Weights, layer_prefix
from sidecar.model.graph import ATTENTION_MASK, INPUT_IDS, TOKEN_TYPES, Graph, Linear, float32
from sidecar.model.normal import ROWS, Normal, normal

SHAPE = "shape"
"""[b, s, d] of the texts at hand. Between attentions there is a row for each token, [b·s, 1, d]."""


def encode(
    graph: Graph, bert: Bert, weights: Weights, linear: Linear, *, pairs: bool, first_only: bool
) -> str:
    """[b, s, d], or [b, 1, d] where only [CLS] is of use. pairs: token types are read, not taken for 0."""
    x = _embeddings(graph, bert, weights, pairs)
    mask = _mask(graph)
    for layer in range(bert.layers):
        last = layer == bert.layers - 1
        x = _layer(graph, bert, weights, linear, layer, x, mask, first_only=first_only and last)
    return x.values(graph) if first_only else graph.node("Reshape", [x.values(graph), SHAPE], "encoded")


def _embeddings(graph: Graph, bert: Bert, weights: Weights, pairs: bool) -> Normal:
    """Words and places, summed and normalised; a place of either token type has a row of its own."""
    places = weights["embeddings.position_embeddings.weight"]
    types = weights.get(TYPES, np.zeros((2, bert.dimensions), np.float32)).astype(np.float32)
    ids_shape = graph.node("Shape", [INPUT_IDS], "ids.shape")
    width = graph.constant("width", np.array([bert.dimensions], dtype=np.int64))
    graph.node("Concat", [ids_shape, width], SHAPE, axis=0)
    numbers = graph.constant("numbers", np.arange(bert.positions, dtype=np.int32))
    bounds = [graph.constant(f"numbers.{n}", np.array([n], dtype=np.int64)) for n in (0, 1)]
    length = graph.node("Slice", [ids_shape, bounds[1], graph.constant("two", np.array([2]))], "length")
    place = graph.node("Slice", [numbers, bounds[0], length], "place")
    if pairs:
        count = graph.constant("places.count", np.array(bert.positions, dtype=np.int32))
        place = graph.node("Add", [graph.node("Mul", [TOKEN_TYPES, count], "type.start"), place], "place.row")
    table = np.concatenate([places + row for row in (types[:2] if pairs else types[:1])])
    words = graph.constant("words", weights["embeddings.word_embeddings.weight"])
    summed = graph.node(
        "Add",
        [
            graph.node("Gather", [words, INPUT_IDS], "word"),
            graph.node("Gather", [graph.constant("places", table), place], "placed"),
        ],
        "embedding",
    )
    return normal(graph, summed, "embedded", weights, "embeddings.", bert.epsilon)


def _mask(graph: Graph) -> str:
    """bool [b, 1, s, s]: which tokens may be looked at."""
    real = graph.node("Cast", [ATTENTION_MASK], "real", to=TensorProto.BOOL)
    row = graph.node("Unsqueeze", [real, graph.constant("mask.axes", np.array([1, 2]))], "mask.row")
    one = graph.constant("one", np.array([1], dtype=np.int64))
    shape = graph.node("Concat", [one, one, "length", one], "mask.shape", axis=0)
    return graph.node("Expand", [row, shape], "mask")


def _layer(
    graph: Graph,
    bert: Bert,
    weights: Weights,
    linear: Linear,
    layer: int,
    x: Normal,
    mask: str,
    *,
    first_only: bool,
) -> Normal:
    prefix, name = layer_prefix(layer), f"layer{layer}"

    def projected(x: Normal, write: Linear, part: str) -> str:
        tensors = f"{prefix}attention.self.{part}."
        return x.times(
            graph, write, f"{name}.{part}", weights[f"{tensors}weight"].T, weights[f"{tensors}bias"]
        )

    def separate(rows: str) -> str:
        return graph.node("Reshape", [rows, SHAPE], f"{rows}.texts")

    key, value = (separate(projected(x, linear, part)) for part in ("key", "value"))
    if first_only:
        # Other rows matter as what [CLS] looks at, and nothing after that mixes rows. What is left of the
        # layer is so little that it need not be rounded to 8 bits.
        x, linear = x.first(graph, separate(x.name)), float32
        query = projected(x, linear, "query")
        mask = "mask.row"
    else:
        query = separate(projected(x, linear, "query"))
    attended = graph.node(
        "Attention",
        [query, key, value, mask],
        f"{name}.attended",
        q_num_heads=bert.heads,
        kv_num_heads=bert.heads,
    )
    attended = graph.node("Reshape", [attended, ROWS], f"{attended}.rows")

    def dense(source: str, part: str, beside: Normal) -> str:
        """A multiplication and what it is added to."""
        tensors = f"{prefix}{part}.dense."
        bias = weights[f"{tensors}bias"] + beside.beta
        product = linear(graph, source, f"{name}.{part}", weights[f"{tensors}weight"].T, bias)
        return graph.node("Add", [product, beside.scaled(graph)], f"{name}.{part}.added")

    added = dense(attended, "attention.output", x)
    x = normal(graph, added, f"{name}.normed", weights, f"{prefix}attention.output.", bert.epsilon)
    tensors = f"{prefix}intermediate.dense."
    wide = x.times(
        graph, linear, f"{name}.intermediate", weights[f"{tensors}weight"].T, weights[f"{tensors}bias"]
    )
    wide = graph.node("Gelu", [wide], f"{name}.gelu")
    return normal(graph, dense(wide, "output", x), f"{name}.out", weights, f"{prefix}output.", bert.epsilon)
