"""The weights that are measured, as a Hugging Face folder: the base with the adapter merged in.

The same numbers that `reshelf model build` makes its graph of, so that no arm scores with other weights.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sidecar.inference.cross_encoder import CrossEncoder
from sidecar.inference.model_folder import TOKENIZER
from sidecar.model.bert import Weights, read_weights
from sidecar.model.errors import ModelError
from sidecar.model.head import head_of
from sidecar.model.recipe import Recipe, decide

HEAD = "classifier."
BODY = "bert."
TENSORS = "model.safetensors"
SPECIAL = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}


def write_checkpoint(folder: Path, *, cache: Path, weights: str, adapter: str, max_length: int) -> Path:
    """`folder`/<fingerprint>-<max_length>, written unless it is there; its config says one label.

    `weights` and `adapter` as `reshelf model build` takes them. Raises ModelError where they make no
    cross-encoder.
    """
    recipe = decide(
        cache=cache,
        weights=weights,
        adapter=adapter,
        vectors="none",
        precision="fp32",
        max_length=max_length,
    )
    if recipe.kind != CrossEncoder.KIND:
        raise ModelError(
            f"weights {weights} with adapter {adapter}: a {recipe.kind}, which reads no pairs. "
            "Give an adapter, or weights with a classifier."
        )
    name = str(recipe.manifest()["fingerprint"]).replace("@", "-")
    target = folder / f"{name}-{max_length}"
    if target.is_dir():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        _write(made, recipe, max_length)
        try:
            made.rename(target)
        except OSError:  # another run made it meanwhile
            if not target.is_dir():
                raise
    return target


def _write(folder: Path, recipe: Recipe, max_length: int) -> None:
    from safetensors.numpy import save_file

    base = recipe.base
    weights = read_weights(base.source.folder, base.bert)
    if recipe.adapter is not None:
        weights = recipe.adapter.merged(weights)
    head_of(base.bert, weights, str(base.source.folder))
    save_file(_named(weights), str(folder / TENSORS), {"format": "pt"})
    shutil.copyfile(base.tokenizer, folder / TOKENIZER)
    config = json.loads((base.source.folder / "config.json").read_text(encoding="utf-8"))
    config |= {
        "architectures": ["BertForSequenceClassification"],
        "id2label": {"0": "LABEL_0"},
        "label2id": {"LABEL_0": 0},
        "torch_dtype": "float32",
    }
    config.pop("dtype", None)
    _write_json(folder / "config.json", config)
    described = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_length,
        "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
    }
    _write_json(folder / "tokenizer_config.json", {**described, **SPECIAL})
    _write_json(folder / "special_tokens_map.json", SPECIAL)


def _named(weights: Weights) -> Weights:
    """As `BertForSequenceClassification` names its tensors."""
    return {
        name if name.startswith(HEAD) else f"{BODY}{name}": value
        for name, value in weights.items()
        if not name.endswith("position_ids")
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
