"""BERT's encoder: from token ids to a row of numbers for each token, or for [CLS] alone."""

from dataclasses import replace

import numpy as np
from onnx import TensorProto

from sidecar.model.bert import TYPES, Bert, Weights, layer_prefix
from sidecar.model.graph import ATTENTION_MASK, INPUT_IDS, TOKEN_TYPES, Graph, Linear, Part, float32
from sidecar.model.normal import ROWS, Normal, normal

MASK_ROW = "mask.row"
"""bool [b, 1, 1, s]: which tokens there are."""
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
    row = graph.node("Unsqueeze", [real, graph.constant("mask.axes", np.array([1, 2]))], MASK_ROW)
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

    def part(module: str) -> Part:
        tensors = f"{prefix}{module}."
        return Part(f"{name}.{module}", weights[f"{tensors}weight"].T, weights[f"{tensors}bias"])

    def separate(rows: str) -> str:
        return graph.node("Reshape", [rows, SHAPE], f"{rows}.texts")

    query, key, value = (part(f"attention.self.{which}") for which in ("query", "key", "value"))
    if first_only:
        # Other rows matter as what [CLS] looks at, and nothing after that mixes rows. What is left of the
        # layer is so little that it need not be rounded to 8 bits.
        looked_at = [separate(rows) for rows in x.times(graph, linear, [key, value])]
        x, linear, mask = x.first(graph, separate(x.name)), float32, MASK_ROW
        (looking,) = x.times(graph, linear, [query])
    else:
        looking, *looked_at = (separate(rows) for rows in x.times(graph, linear, [query, key, value]))
    attended = graph.node(
        "Attention",
        [looking, *looked_at, mask],
        f"{name}.attended",
        q_num_heads=bert.heads,
        kv_num_heads=bert.heads,
    )
    attended = graph.node("Reshape", [attended, ROWS], f"{attended}.rows")

    def added(source: str, module: str, beside: Normal) -> str:
        """A multiplication, and what is added to it but for beta, which is in the bias."""
        dense = part(module)
        (product,) = linear(graph, source, [replace(dense, bias=dense.bias + beside.beta)])
        return graph.node("Add", [product, beside.scaled(graph)], f"{name}.{module}.added")

    both = added(attended, "attention.output.dense", x)
    x = normal(graph, both, f"{name}.normed", weights, f"{prefix}attention.output.", bert.epsilon)
    (wide,) = x.times(graph, linear, [part("intermediate.dense")])
    wide = graph.node("Gelu", [wide], f"{name}.gelu")
    both = added(wide, "output.dense", x)
    return normal(graph, both, f"{name}.out", weights, f"{prefix}output.", bert.epsilon)
