"""Ways to write x @ weight + bias: exact, and in 8 bits.

The 8-bit way uses fixed ranges of the activations, found by calibration, and not those of whatever is
in the batch: a text's vector, and so its score, must not depend on what else was asked at that moment.
A few channels of BERT's activations are some ten times larger than the rest, and would take the others'
resolution. Where the activation is a LayerNorm's, all channels are brought nearer to each other before they
are rounded (see `smoothing`); behind the GELU the large ones are multiplied in 32 bits beside the others
(LLM.int8(), arXiv:2208.07339).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from sidecar.model.activation import Activation, Steps, rounded_weight, steps_of
from sidecar.model.graph import MICROSOFT, Graph, Part
from sidecar.model.smoothing import smoothing

PRECISIONS = ("int8", "fp32")

MARGIN = 1.05
ATTENTION_MARGIN = 1.6
"""Attention's output follows the text more than the others do: real texts went 1.5 times beyond the
calibration's."""
LARGE = 192
"""Behind the GELU one channel in so many is multiplied in 32 bits."""
AFTER_ATTENTION, AFTER_GELU = ".attention.output.dense", ".output.dense"


class Int8:
    """Weights in 8 bits with a scale for each output channel, activations in 8 bits; a `Linear`."""

    def __init__(self, activations: Mapping[str, Activation]) -> None:
        """The input of each multiplication, by its name."""
        self._activations = activations

    def __call__(self, graph: Graph, x: str, parts: Sequence[Part]) -> list[str]:
        name = parts[0].name
        activation = self._activations[name]
        if name.endswith(AFTER_ATTENTION):
            return self._rounded(graph, x, parts, steps_of(activation, ATTENTION_MARGIN))
        if name.endswith(AFTER_GELU):
            return self._beside_large(graph, x, parts, activation)
        factors = smoothing(activation.rows, np.concatenate([part.weight for part in parts], axis=1), MARGIN)
        smooth = graph.node("Mul", [x, graph.constant(f"{x}.factors", factors)], f"{x}.smooth")
        parts = [Part(part.name, part.weight / factors[:, None], part.bias) for part in parts]
        return self._rounded(graph, smooth, parts, steps_of(activation.times(factors), MARGIN))

    def _beside_large(self, graph: Graph, x: str, parts: Sequence[Part], activation: Activation) -> list[str]:
        """The largest channels in 32 bits, the others in 8."""
        large = activation.largest(len(activation.low) // LARGE)
        rest = np.ones(len(activation.low), dtype=bool)
        rest[large] = False
        steps = steps_of(activation.only(rest), MARGIN)
        small = [Part(part.name, np.where(rest[:, None], part.weight, 0), part.bias) for part in parts]
        if not len(large):
            return self._rounded(graph, x, small, steps)
        outputs = []
        columns = graph.node(
            "Gather", [x, graph.constant(f"{x}.large", large)], f"{x}.large.columns", axis=-1
        )
        for part, product in zip(parts, self._rounded(graph, x, small, steps), strict=True):
            weight = graph.constant(f"{part.name}.weight.large", part.weight[large])
            exact = graph.node("MatMul", [columns, weight], f"{part.name}.exact")
            outputs.append(graph.node("Add", [product, exact], f"{part.name}.sum"))
        return outputs

    def _rounded(self, graph: Graph, x: str, parts: Sequence[Part], steps: Steps) -> list[str]:
        """x rounded once, and multiplied by every part's rounded weights."""
        step = graph.constant(f"{x}.step", np.array(steps.size, dtype=np.float32))
        zero = graph.constant(f"{x}.zero", np.array(steps.zero, dtype=np.uint8))
        rounded = graph.node("QuantizeLinear", [x, step, zero], f"{x}.rounded")
        outputs = []
        for part in parts:
            weight, scale = rounded_weight(part.weight)
            inputs = [
                rounded,
                graph.constant(f"{part.name}.weight", weight),
                step,
                graph.constant(f"{part.name}.scale", scale),
                zero,
                graph.constant(f"{part.name}.zero", np.zeros(scale.shape, dtype=np.int8)),
                graph.constant(f"{part.name}.bias", part.bias.astype(np.float32)),
            ]
            outputs.append(graph.node("MatMulIntegerToFloat", inputs, f"{part.name}.product", MICROSOFT))
        return outputs
