"""A cross-encoder as a checkpoint of its own: base and adapter in one, all layers or some.

What remains of some layers is no good by itself; it is where a smaller student starts from that learns from
the whole one (`reshelf model train --recipe student`).
"""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sidecar.model.bert import Bert, Weights, layer_prefix, read_json, read_weights
from sidecar.model.errors import ModelError
from sidecar.model.head import CLASSIFIER
from sidecar.model.recipe import Recipe, decide
from sidecar.model.weights import NEEDED

LAYER = re.compile(r"encoder\.layer\.(\d+)\.(.*)")
HEAD = ("classifier.weight", "classifier.bias")


def merge(
    output: Path, *, cache: Path, weights: str, adapter: str, layers: Sequence[int] | None = None
) -> Path:
    """Writes config.json, model.safetensors and tokenizer.json into `output`; answers it.

    weights, adapter: see `build_model`. layers: those to keep, counted from 0; None keeps all. Raises
    ModelError.
    """
    from safetensors.numpy import save_file

    recipe = decide(
        cache=cache, weights=weights, adapter=adapter, vectors="none", precision="fp32", max_length=None
    )
    tensors = _tensors(recipe)
    if CLASSIFIER not in tensors:
        raise ModelError(f"{weights}: without an adapter it is no cross-encoder. Give --adapter.")
    kept = _checked(layers, recipe.base.bert)
    config = read_json(recipe.base.source.folder / "config.json") | {
        "architectures": ["BertForSequenceClassification"],
        "num_hidden_layers": len(kept),
        "id2label": {"0": "LABEL_0"},
        "label2id": {"LABEL_0": 0},
    }
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        shutil.copyfile(recipe.base.tokenizer, output / "tokenizer.json")
        named = {
            name if name in HEAD else f"bert.{name}": np.ascontiguousarray(value)
            for name, value in _only(tensors, kept).items()
        }
        save_file(named, output / NEEDED[1], metadata={"format": "pt"})
    except OSError as error:
        raise ModelError(f"{output}: cannot be written: {error}") from error
    return output


def _tensors(recipe: Recipe) -> Weights:
    weights = read_weights(recipe.base.source.folder, recipe.base.bert)
    return weights if recipe.adapter is None else recipe.adapter.merged(weights)


def _checked(layers: Sequence[int] | None, bert: Bert) -> list[int]:
    kept = list(range(bert.layers)) if layers is None else list(layers)
    if not kept or kept != sorted(set(kept)) or kept[0] < 0 or kept[-1] >= bert.layers:
        raise ModelError(f"layers {kept}: give some of 0 to {bert.layers - 1}, in their order.")
    return kept


def _only(tensors: Weights, kept: Sequence[int]) -> Weights:
    """The kept layers, counted anew, and all that is no layer."""
    found: Weights = {}
    for name, value in tensors.items():
        layer = LAYER.fullmatch(name)
        if layer is None:
            found[name] = value
        elif int(layer[1]) in kept:
            found[f"{layer_prefix(kept.index(int(layer[1])))}{layer[2]}"] = value
    return {name: value for name, value in found.items() if not name.endswith("position_ids")}
