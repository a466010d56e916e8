"""Ways to write x @ weight + bias: exact, and in 8 bits.

The 8-bit way uses fixed ranges of the activations, found by calibration, and not those of whatever is
in the batch: a text's vector, and so its score, must not depend on what else was asked at that moment.
A few channels of BERT's activations are some ten times larger than the rest; they are multiplied in 32 bits
beside the others, so that they do not take the others' resolution (LLM.int8(), arXiv:2208.07339).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sidecar.model.bert import Array
from sidecar.model.graph import MICROSOFT, Graph

PRECISIONS = ("int8", "fp32")

LARGEST_WEIGHT = 63
"""Weights use 7 bits: processors without VNNI add two products in 16 bits, which 8 bits would overflow.
So the result is the same on all processors."""
LARGEST_ACTIVATION = 255
MARGIN = 1.05
ATTENTION_MARGIN = 1.6
"""Attention's output follows the text more than the others do: real texts went 1.5 times beyond the
calibration's."""


@dataclass(frozen=True)
class Ranges:
    """Least and greatest value of each channel of one activation: float32 [channels] each."""

    low: Array
    high: Array


class Int8:
    """Weights in 8 bits with a scale for each output channel, activations in 8 bits; a `Linear`."""

    def __init__(self, ranges: Mapping[str, Ranges]) -> None:
        """`ranges` of the input of each multiplication, by its name."""
        self._ranges = ranges

    def __call__(self, graph: Graph, x: str, name: str, weight: Array, bias: Array | None) -> str:
        ranges = self._ranges[name]
        outliers = _outliers(name, ranges)
        rest = np.ones(len(weight), dtype=bool)
        rest[outliers] = False
        margin = ATTENTION_MARGIN if name.endswith(".attention.output") else MARGIN
        low = margin * min(float(ranges.low[rest].min()), 0.0)
        high = margin * max(float(ranges.high[rest].max()), low + 1e-3, 1e-3)
        step = (high - low) / LARGEST_ACTIVATION
        zero = np.clip(np.rint(-low / step), 0, LARGEST_ACTIVATION)

        kept = np.where(rest[:, None], weight, np.float32(0))
        scale = (np.maximum(np.abs(kept).max(axis=0), 1e-9) / LARGEST_WEIGHT).astype(np.float32)
        quantized = np.clip(np.rint(kept / scale), -LARGEST_WEIGHT, LARGEST_WEIGHT).astype(np.int8)
        x_step = graph.constant(f"{name}.x.step", np.array(step, dtype=np.float32))
        x_zero = graph.constant(f"{name}.x.zero", np.array(zero, dtype=np.uint8))
        inputs = [
            graph.node("QuantizeLinear", [x, x_step, x_zero], f"{name}.x"),
            graph.constant(f"{name}.weight", quantized),
            x_step,
            graph.constant(f"{name}.scale", scale),
            x_zero,
            graph.constant(f"{name}.zero", np.zeros(scale.shape, dtype=np.int8)),
        ]
        if bias is not None:
            inputs.append(graph.constant(f"{name}.bias", bias))
        product = graph.node("MatMulIntegerToFloat", inputs, f"{name}.product", MICROSOFT)
        if not len(outliers):
            return product
        large = graph.node(
            "Gather", [x, graph.constant(f"{name}.large", outliers)], f"{name}.x.large", axis=-1
        )
        exact = graph.constant(f"{name}.weight.large", weight[outliers])
        return graph.node(
            "Add", [product, graph.node("MatMul", [large, exact], f"{name}.exact")], f"{name}.sum"
        )


def _outliers(name: str, ranges: Ranges) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The channels multiplied in 32 bits, by number: one in 96 (of 384) to one in 192 (of 1536) is enough.

    Attention's output has none: it is a mean of values.
    """
    channels = len(ranges.low)
    if name.endswith(".attention.output"):
        count = 0
    elif name.endswith(".output"):
        count = channels // 192
    else:
        count = channels // 96
    size = np.maximum(np.abs(ranges.low), np.abs(ranges.high))
    return np.sort(np.argsort(size, kind="stable")[channels - count :]).astype(np.int64)
