"""LayerNorm, taken apart so that it costs little: what runs fast in ONNX Runtime, and what need not run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sidecar.model.bert import Array, Weights
from sidecar.model.graph import Graph, Linear, Part

ROWS = "rows"


@dataclass(frozen=True)
class Normal:
    """The value gamma · `name` + beta, where `name` has mean 0 and variance 1 in each row.

    ONNX Runtime's LayerNormalization reads numbers one by one; its InstanceNormalization does the same eight
    or sixteen at a time, and takes a ninth of the time. It has no gamma and beta for each channel; a
    multiplication that follows has them in its weights.
    """

    name: str
    gamma: Array
    beta: Array

    def times(self, graph: Graph, linear: Linear, parts: Sequence[Part]) -> list[str]:
        """value @ weight + bias of each part."""
        folded = [
            Part(part.name, self.gamma[:, None] * part.weight, part.bias + self.beta @ part.weight)
            for part in parts
        ]
        return linear(graph, self.name, folded)

    def scaled(self, graph: Graph) -> str:
        """gamma · `name`: the value but for beta, which belongs into a bias."""
        gamma = graph.constant(f"{self.name}.gamma", self.gamma)
        return graph.node("Mul", [self.name, gamma], f"{self.name}.scaled")

    def values(self, graph: Graph) -> str:
        """The value itself."""
        beta = graph.constant(f"{self.name}.beta", self.beta)
        return graph.node("Add", [self.scaled(graph), beta], f"{self.name}.values")

    def first(self, graph: Graph, texts: str) -> "Normal":
        """That of [CLS] alone, [b, 1, d], out of `texts` [b, s, d]."""
        return replace(self, name=graph.first(texts, f"{self.name}.first"))


def normal(graph: Graph, x: str, name: str, weights: Weights, prefix: str, epsilon: float) -> Normal:
    """LayerNorm of x by the weights under `prefix`: [b·s, 1, d]."""
    if ROWS not in graph.names:
        width = len(weights[f"{prefix}LayerNorm.weight"])
        graph.constant(ROWS, np.array([-1, 1, width], dtype=np.int64))
        graph.constant("unit", np.ones(1, np.float32))
        graph.constant("null", np.zeros(1, np.float32))
    rows = graph.node("Reshape", [x, ROWS], f"{name}.rows")
    graph.node("InstanceNormalization", [rows, "unit", "null"], name, epsilon=epsilon)
    return Normal(name, weights[f"{prefix}LayerNorm.weight"], weights[f"{prefix}LayerNorm.bias"])
