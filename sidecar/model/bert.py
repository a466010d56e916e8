"""A BERT encoder's shape and weights, checked before a graph is made of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sidecar.model.errors import ModelError

Array = NDArray[np.float32]
Weights = dict[str, Array]
POOLINGS = ("mean", "cls")
TYPES = "embeddings.token_type_embeddings.weight"


@dataclass(frozen=True)
class Bert:
    """The numbers that make one BERT encoder different from another."""

    layers: int
    heads: int
    dimensions: int
    intermediate: int
    vocabulary: int
    positions: int
    epsilon: float
    pooling: str


def read_bert(folder: Path) -> Bert:
    """The encoder that config.json describes. Raises ModelError for anything else than BERT."""
    config = read_json(folder / "config.json")
    expected: dict[str, Any] = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
    }
    for key, value in expected.items():
        if config.get(key, value if key != "model_type" else None) != value:
            raise ModelError(
                f"{folder / 'config.json'}: {key} is {config.get(key)!r}; this build understands "
                f"BERT encoders with {value!r} only (MiniLM, TinyBERT, BERT, BGE, E5, GTE and the like)."
            )
    if config.get("is_decoder"):
        raise ModelError(f"{folder / 'config.json'}: is_decoder is true; a re-ranker needs an encoder.")
    try:
        bert = Bert(
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            dimensions=int(config["hidden_size"]),
            intermediate=int(config["intermediate_size"]),
            vocabulary=int(config["vocab_size"]),
            positions=int(config["max_position_embeddings"]),
            epsilon=float(config.get("layer_norm_eps", 1e-12)),
            pooling=_pooling(folder),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder / 'config.json'}: incomplete: {error!r}.") from error
    if bert.dimensions % bert.heads:
        raise ModelError(
            f"{folder / 'config.json'}: hidden_size {bert.dimensions} is not a multiple of "
            f"num_attention_heads {bert.heads}."
        )
    return bert


def read_weights(folder: Path, bert: Bert) -> Weights:
    """float32 tensors by BERT's own names. Raises ModelError for a missing or misshapen one."""
    path = folder / "model.safetensors"
    # A model saved with a head (BertForSequenceClassification and the like) names its encoder "bert.".
    weights = {name.removeprefix("bert."): value for name, value in read_tensors(path).items()}
    for name, shape in _shapes(bert).items():
        if name not in weights:
            raise ModelError(f"{path}: tensor {name} is missing; config.json promises it.")
        if weights[name].shape != shape:
            raise ModelError(f"{path}: tensor {name} is {weights[name].shape}, config.json promises {shape}.")
        weights[name] = weights[name].astype(np.float32)
        if not np.isfinite(weights[name]).all():
            raise ModelError(f"{path}: tensor {name} holds NaN or infinity. The file is broken.")
    return weights


def read_tensors(path: Path) -> Weights:
    """What a safetensors file holds, as it is. Raises ModelError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return {name: np.asarray(value) for name, value in load_file(str(path)).items()}
    except (SafetensorError, OSError, TypeError, ValueError, KeyError) as error:
        raise ModelError(
            f"{path}: cannot be read: {error!r}. Is the file complete, in 32 or 16 bit floats?"
        ) from error


def has_tensor(path: Path, name: str) -> bool:
    """Whether a safetensors file holds `name`; False for a file that cannot be read."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), framework="numpy") as file:
            return name in file.keys()  # noqa: SIM118 - it is no dictionary
    except (SafetensorError, OSError):
        return False


def layer_prefix(layer: int) -> str:
    """How the tensors of a layer are named."""
    return f"encoder.layer.{layer}."


def _shapes(bert: Bert) -> dict[str, tuple[int, ...]]:
    d, wide = bert.dimensions, bert.intermediate
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (bert.vocabulary, d),
        "embeddings.position_embeddings.weight": (bert.positions, d),
        "embeddings.LayerNorm.weight": (d,),
        "embeddings.LayerNorm.bias": (d,),
    }
    for layer in range(bert.layers):
        prefix = layer_prefix(layer)
        for name in ("query", "key", "value"):
            shapes[f"{prefix}attention.self.{name}.weight"] = (d, d)
            shapes[f"{prefix}attention.self.{name}.bias"] = (d,)
        for name, out, into in (("attention.output", d, d), ("intermediate", wide, d), ("output", d, wide)):
            shapes[f"{prefix}{name}.dense.weight"] = (out, into)
            shapes[f"{prefix}{name}.dense.bias"] = (out,)
        for name in ("attention.output", "output"):
            shapes[f"{prefix}{name}.LayerNorm.weight"] = (d,)
            shapes[f"{prefix}{name}.LayerNorm.bias"] = (d,)
    return shapes


def _pooling(folder: Path) -> str:
    """How sentence-transformers pooled this model; "mean" where it does not say."""
    path = folder / "1_Pooling" / "config.json"
    if not path.is_file():
        return "mean"
    config = read_json(path)
    chosen = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    names = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls"}
    if len(chosen) != 1 or chosen[0] not in names:
        raise ModelError(f"{path}: pooling {chosen} is not supported. Supported: {', '.join(POOLINGS)}.")
    return names[chosen[0]]


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file. Raises ModelError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise ModelError(f"{path}: expected an object, found {type(data).__name__}.")
    return data
