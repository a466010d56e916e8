"""Ways to write x @ weight + bias: exact, and in 8 bits.

The 8-bit way uses fixed ranges of the activations, found by calibration, and not those of whatever is
in the batch: a text's vector, and so its score, must not depend on what else was asked at that moment.
A few channels of BERT's activations are some ten times larger than the rest, and would take the others'
resolution. Where the activation is a LayerNorm's, all channels are brought nearer to each other before they
are rounded (see `smoothing`); around the GELU the largest are multiplied in 32 bits beside the others
(LLM.int8(), arXiv:2208.07339).
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sidecar.model.activation import Activation, rounded, steps_of
from sidecar.model.bert import Array
from sidecar.model.graph import Graph, Part
from sidecar.model.integer_product import integer_product
from sidecar.model.rounding import rounded_for
from sidecar.model.smoothing import smoothing

PRECISIONS = ("int8", "int8-dynamic", "fp32")

MARGIN = 1.05
ATTENTION_MARGIN = 1.6
"""Attention's output follows the text more than the others do: real texts went 1.5 times beyond the
calibration's."""
AFTER_ATTENTION, BEFORE_GELU, AFTER_GELU = ".attention.output.dense", ".intermediate.dense", ".output.dense"
LARGE_BEFORE_GELU, LARGE_AFTER_GELU = 384, 192
"""One channel in so many is multiplied in 32 bits: one of 384 before the GELU, eight of 1536 behind it."""


class Int8:
    """Weights in 8 bits with a scale for each output channel, activations in 8 bits; a `Linear`."""

    def __init__(self, activations: Mapping[str, Activation]) -> None:
        """The input of each multiplication, by its name."""
        self._activations = activations

    def __call__(self, graph: Graph, x: str, parts: Sequence[Part]) -> list[str]:
        name = parts[0].name
        activation = self._activations[name]
        if name.endswith(AFTER_ATTENTION):
            return _rounded(graph, x, parts, activation, ATTENTION_MARGIN)
        if name.endswith(AFTER_GELU):
            return _beside_large(graph, x, parts, activation, len(activation.low) // LARGE_AFTER_GELU)
        large = len(activation.low) // LARGE_BEFORE_GELU if name.endswith(BEFORE_GELU) else 0
        factors = smoothing(activation.without(activation.largest(large)).rows, _together(parts), MARGIN)
        smooth = graph.node("Mul", [x, graph.constant(f"{x}.factors", factors)], f"{x}.smooth")
        parts = [Part(part.name, part.weight / factors[:, None], part.bias) for part in parts]
        return _beside_large(graph, smooth, parts, activation.times(factors), large)


def _beside_large(
    graph: Graph, x: str, parts: Sequence[Part], activation: Activation, count: int
) -> list[str]:
    """The largest channels in 32 bits, the others in 8."""
    if not count:
        return _rounded(graph, x, parts, activation, MARGIN)
    large = activation.largest(count)
    small = [Part(part.name, _without(part.weight, large), part.bias) for part in parts]
    columns = graph.node("Gather", [x, graph.constant(f"{x}.which", large)], f"{x}.large", axis=-1)
    sums = []
    products = _rounded(graph, x, small, activation.without(large), MARGIN)
    for part, product in zip(parts, products, strict=True):
        weight = graph.constant(f"{part.name}.weight.large", part.weight[large])
        exact = graph.node("MatMul", [columns, weight], f"{part.name}.exact")
        sums.append(graph.node("Add", [product, exact], f"{part.name}.sum"))
    return sums


def _together(parts: Sequence[Part]) -> Array:
    return np.concatenate([part.weight for part in parts], axis=1)


def _without(weight: Array, channels: NDArray[np.int64]) -> Array:
    kept = weight.copy()
    kept[channels] = 0
    return kept


def _rounded(graph: Graph, x: str, parts: Sequence[Part], activation: Activation, margin: float) -> list[str]:
    """x rounded once, and multiplied by every part's rounded weights."""
    steps = steps_of(activation, margin)
    seen = rounded(activation.rows, steps)
    step = graph.constant(f"{x}.step", np.array(steps.size, dtype=np.float32))
    zero = graph.constant(f"{x}.zero", np.array(steps.zero, dtype=np.uint8))
    whole = graph.node("QuantizeLinear", [x, step, zero], f"{x}.rounded")
    outputs = []
    for part in parts:
        weight, scale = rounded_for(part.weight, seen)
        # What rounding adds on average is taken away again.
        drift = (activation.rows @ part.weight - seen @ (weight * scale)).mean(axis=0)
        outputs.append(integer_product(graph, (whole, step, zero), part, weight, scale, part.bias + drift))
    return outputs
