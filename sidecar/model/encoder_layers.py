"""BERT's encoder: from token ids to a row of numbers for each token, or for [CLS] alone."""

import numpy as np
from onnx import helper

from sidecar.model.bert import TYPES, Bert, Weights, layer_prefix
from sidecar.model.graph import ATTENTION_MASK, INPUT_IDS, MICROSOFT, TOKEN_TYPES, Graph, Linear, float32


def encode(
    graph: Graph, bert: Bert, weights: Weights, linear: Linear, *, pairs: bool, first_only: bool
) -> str:
    """[b, s, d], or [b, 1, d] where only [CLS] is of use. pairs: token types are read, not taken for 0."""
    x = _embeddings(graph, bert, weights, pairs)
    for layer in range(bert.layers):
        last = layer == bert.layers - 1
        x = _layer(graph, bert, weights, linear, layer, x, first_only=first_only and last)
    return x


def _embeddings(graph: Graph, bert: Bert, weights: Weights, pairs: bool) -> str:
    """Token types of texts alone are all 0, so their embedding is added to the positions once, here."""
    positions = weights["embeddings.position_embeddings.weight"]
    types = weights.get(TYPES)
    if types is not None and not pairs:
        positions = positions + types[0].astype(np.float32)
    inputs = [
        INPUT_IDS,
        TOKEN_TYPES if pairs else "",
        graph.constant("words", weights["embeddings.word_embeddings.weight"]),
        graph.constant("positions", positions),
        graph.constant("types", weights[TYPES]) if pairs else "",
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


def _layer(
    graph: Graph, bert: Bert, weights: Weights, linear: Linear, layer: int, x: str, *, first_only: bool
) -> str:
    prefix, name = layer_prefix(layer), f"layer{layer}"

    def projected(x: str, write: Linear, *parts: str) -> list[str]:
        """The projections `parts` of x, in one multiplication."""
        weight = np.concatenate([weights[f"{prefix}attention.self.{p}.weight"].T for p in parts], axis=1)
        bias = np.concatenate([weights[f"{prefix}attention.self.{p}.bias"] for p in parts])
        product = write(graph, x, f"{name}.{'.'.join(parts)}", weight, bias)
        return graph.split(product, [f"{name}.{p}" for p in parts]) if len(parts) > 1 else [product]

    if first_only:
        # Other rows matter as what [CLS] looks at, and nothing after that mixes rows. What is left of the
        # layer is so little that it need not be rounded to 8 bits.
        key, value = projected(x, linear, "key", "value")
        x, linear = graph.first(x, f"{name}.first"), float32
        (query,) = projected(x, linear, "query")
    else:
        query, key, value = projected(x, linear, "query", "key", "value")
    attended = graph.node(
        "MultiHeadAttention",
        [query, key, value, "", ATTENTION_MASK],
        f"{name}.attended",
        MICROSOFT,
        num_heads=bert.heads,
    )

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
