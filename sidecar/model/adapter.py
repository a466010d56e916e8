"""A LoRA adapter in PEFT's own files, checked and added to the weights that it was trained on.

LoRA (arXiv:2106.09685) leaves W as it is and learns two thin matrices: W + scale · B · A. Merged, it costs
nothing when it serves.
"""

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sidecar.model.bert import Array, Bert, Weights, layer_prefix, read_json, read_tensors
from sidecar.model.checksums import sha256_of, sha256_of_text
from sidecar.model.errors import ModelError

CONFIG = "adapter_config.json"
TENSORS = "adapter_model.safetensors"
CARD = "card.json"
PREFIX = "base_model.model."
MODULES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
SAVED = ("pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias")
"""What an adapter may hold whole (PEFT's modules_to_save); pooler and classifier make the head."""
PLAIN = {
    "bias": "none",
    "use_dora": False,
    "fan_in_fan_out": False,
    "lora_bias": False,
    "rank_pattern": {},
    "alpha_pattern": {},
    "layers_to_transform": None,
    "layer_replication": None,
    "trainable_token_indices": None,
    "target_parameters": None,
    "use_qalora": False,
    "use_bdlora": False,
    "alora_invocation_tokens": None,
}
"""Variants of LoRA that are not merged here, by the value that means "not used"."""
INITIAL = (True, False, None, "gaussian", "orthogonal", "eva")
"""Ways to begin a training that leave the base weights as they are; PiSSA, OLoRA and LoftQ do not."""


@dataclass(frozen=True)
class Adapter:
    """`deltas` [out, in] to add to the base's tensors, `saved` to put in their places; float32."""

    sha256: str
    rank: int
    deltas: Weights
    saved: Weights

    def merged(self, weights: Weights) -> Weights:
        """The base's `weights` with the adapter in them."""
        added = {name: weights[name] + delta for name, delta in self.deltas.items()}
        return {**weights, **added, **self.saved}


def is_adapter(folder: Path) -> bool:
    """Whether there is one."""
    return (folder / CONFIG).is_file()


def read_adapter(folder: Path, bert: Bert, base_sha256: str) -> Adapter:
    """The adapter for a base of that shape, whose model.safetensors has that checksum. Raises ModelError."""
    if not is_adapter(folder):
        raise ModelError(
            f"{folder}: no {CONFIG} there, so it is no adapter. `reshelf model train` makes one."
        )
    _check_card(folder, base_sha256)
    config = read_json(folder / CONFIG)
    rank, scale = _rank_and_scale(folder / CONFIG, config)
    path = folder / TENSORS
    tensors = {
        name.removeprefix(PREFIX).removeprefix("bert."): value for name, value in read_tensors(path).items()
    }
    for name, value in tensors.items():
        if not np.isfinite(value).all():
            raise ModelError(f"{path}: tensor {name} holds NaN or infinity. The file is broken.")
    deltas: Weights = {}
    wanted = _targets(folder / CONFIG, config, bert)
    for module, (out, into) in _modules(bert).items():
        a, b = f"{module}.lora_A.weight", f"{module}.lora_B.weight"
        if module in wanted or a in tensors or b in tensors:
            thin = _take(tensors, a, (rank, into), path)
            deltas[f"{module}.weight"] = np.float32(scale) * (_take(tensors, b, (out, rank), path) @ thin)
    saved = {name: tensors.pop(name).astype(np.float32) for name in SAVED if name in tensors}
    if tensors:
        raise ModelError(
            f"{path}: tensor {min(tensors)} has no place in these base weights. Adapters may hold LoRA for "
            f"{', '.join(MODULES)} of layers 0 to {bert.layers - 1}, and {', '.join(SAVED)}."
        )
    if not deltas:
        raise ModelError(f"{path}: holds no LoRA matrices.")
    decides = json.dumps([rank, scale, sha256_of(path)])
    return Adapter(sha256_of_text(decides), rank, deltas, saved)


def _take(tensors: Weights, name: str, shape: tuple[int, int], path: Path) -> Array:
    """One of LoRA's matrices, float32, no longer among `tensors`. Raises ModelError."""
    if name not in tensors:
        raise ModelError(f"{path}: tensor {name} is missing; {CONFIG} promises it.")
    value = tensors.pop(name)
    if value.shape != shape:
        raise ModelError(
            f"{path}: tensor {name} is {value.shape}, expected {shape} by the rank in {CONFIG} and these "
            "base weights. Is it an adapter of another base?"
        )
    return value.astype(np.float32)


def _check_card(folder: Path, base_sha256: str) -> None:
    """Compares the base that the card names, where there is a card that names one."""
    path = folder / CARD
    named = read_json(path).get("base_sha256", base_sha256) if path.is_file() else base_sha256
    if named != base_sha256:
        raise ModelError(
            f"{path}: trained on other base weights (base_sha256 {str(named)[:12]}…, these are "
            f"{base_sha256[:12]}…). Give its base with --weights, or train it again."
        )


def _rank_and_scale(path: Path, config: dict[str, Any]) -> tuple[int, float]:
    if config.get("peft_type") != "LORA":
        raise ModelError(f"{path}: peft_type is {config.get('peft_type')!r}; only LORA can be merged.")
    for key, plain in PLAIN.items():
        if config.get(key) and config[key] != plain:
            raise ModelError(f"{path}: {key} is {config[key]!r}; only plain LoRA ({plain!r}) can be merged.")
    if config.get("init_lora_weights", True) not in INITIAL:
        raise ModelError(
            f"{path}: init_lora_weights is {config['init_lora_weights']!r}, which changes the base weights; "
            "train with true."
        )
    rank, alpha = config.get("r"), config.get("lora_alpha")
    if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
        raise ModelError(f"{path}: r is {rank!r}; a rank is a whole number from 1.")
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not math.isfinite(alpha):
        raise ModelError(f"{path}: lora_alpha is {alpha!r}; expected a number.")
    return rank, alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _modules(bert: Bert) -> dict[str, tuple[int, int]]:
    """The encoder's multiplications by name: (out, in)."""
    wide = {"intermediate.dense": (bert.intermediate, bert.dimensions)}
    wide["output.dense"] = (bert.dimensions, bert.intermediate)
    square = (bert.dimensions, bert.dimensions)
    return {
        f"{layer_prefix(layer)}{module}": wide.get(module, square)
        for layer in range(bert.layers)
        for module in MODULES
    }


def _targets(path: Path, config: dict[str, Any], bert: Bert) -> set[str]:
    """The modules that PEFT adapts for this `target_modules`: a list of endings, or a pattern."""
    targets = config.get("target_modules")
    names = list(_modules(bert))
    if isinstance(targets, list):
        return {name for name in names for target in targets if f".{name}".endswith(f".{target}")}
    if not isinstance(targets, str):
        raise ModelError(f"{path}: target_modules is {targets!r}; expected a list or a pattern.")
    if targets == "all-linear":
        return set(names)
    try:
        return {name for name in names if re.fullmatch(targets, f"bert.{name}")}
    except re.error as error:
        raise ModelError(f"{path}: target_modules is no regular expression: {error}.") from error
