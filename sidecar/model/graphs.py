"""Writes a recipe's graphs and tokenizers into a folder."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import onnx
from tokenizers import Encoding

from sidecar.inference.cross_encoder import CrossEncoder
from sidecar.inference.model_folder import GRAPH, TOKENIZER, VECTORS_GRAPH, VECTORS_TOKENIZER
from sidecar.model.bert import read_weights
from sidecar.model.calibration import activations, made_up_pairs, made_up_texts
from sidecar.model.dynamic import dynamic_int8
from sidecar.model.graph import Linear, float32
from sidecar.model.head import head_of
from sidecar.model.pair_graph import build_pair_graph
from sidecar.model.precision import Int8
from sidecar.model.recipe import Base, Recipe
from sidecar.model.vector_graph import build_vector_graph


def write_graphs(recipe: Recipe, folder: Path) -> None:
    """model.onnx, and what else the kind needs. Raises ModelError."""
    shutil.copyfile(recipe.base.tokenizer, folder / TOKENIZER)
    if recipe.kind != CrossEncoder.KIND:
        _write_vectors(recipe.base, recipe.precision, folder / GRAPH)
        return
    _write_pairs(recipe, folder / GRAPH)
    if recipe.vectors is not None:
        _write_vectors(recipe.vectors, recipe.precision, folder / VECTORS_GRAPH)
        if recipe.vectors.tokenizer.read_bytes() != recipe.base.tokenizer.read_bytes():
            shutil.copyfile(recipe.vectors.tokenizer, folder / VECTORS_TOKENIZER)


def _write_vectors(base: Base, precision: str, path: Path) -> None:
    weights = read_weights(base.source.folder, base.bert)
    _write(
        lambda linear: build_vector_graph(base.bert, weights, linear),
        lambda: made_up_texts(base.tokenizer, base.bert),
        precision,
        path,
    )


def _write_pairs(recipe: Recipe, path: Path) -> None:
    base = recipe.base
    weights = read_weights(base.source.folder, base.bert)
    if recipe.adapter is not None:
        weights = recipe.adapter.merged(weights)
    head = head_of(base.bert, weights, str(base.source.folder))
    _write(
        lambda linear: build_pair_graph(base.bert, weights, head, linear),
        lambda: made_up_pairs(base.tokenizer, base.bert),
        recipe.precision,
        path,
    )


def _write(
    build: Callable[[Linear], onnx.ModelProto],
    samples: Callable[[], Sequence[Encoding]],
    precision: str,
    path: Path,
) -> None:
    linear: Linear = float32
    if precision == "int8-dynamic":
        linear = dynamic_int8
    elif precision == "int8":
        linear = Int8(activations(build, samples()))
    onnx.save(build(linear), str(path))
