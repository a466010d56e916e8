"""Writes what was trained: an adapter in PEFT's own format, or a whole checkpoint."""

import json
import shutil
from pathlib import Path
from typing import Any

from torch import nn

from sidecar.training.cross_encoder import HEAD
from sidecar.training.errors import TrainingError

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


def write_adapter(model: nn.Module, folder: Path, base_name: str) -> None:
    """adapter_config.json and adapter_model.safetensors, in 16 bit floats: half the size, and the error
    (relative 5e-4 of weights that int8 rounds far coarser) moves no score that is served.

    `base_name` is written in place of the folder that the base's weights lay in on this machine.
    """
    import torch
    from safetensors.torch import load_file, save_file

    saved: Any = model
    saved.save_pretrained(str(folder))
    tensors = load_file(str(folder / WEIGHTS))
    half = {name: value.to(torch.float16).contiguous() for name, value in tensors.items()}
    broken = [name for name, value in half.items() if not torch.isfinite(value).all()]
    if broken:
        raise TrainingError(f"{broken[0]}: not finite in 16 bits; the run has diverged.")
    save_file(half, str(folder / WEIGHTS), {"format": "pt"})
    (folder / WEIGHTS).chmod(0o644)
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = base_name
    config["modules_to_save"] = sorted(HEAD)  # PEFT adds names that this architecture does not have
    (folder / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    (folder / "README.md").unlink(missing_ok=True)  # PEFT's empty form; card.md is ours


def write_checkpoint(model: nn.Module, folder: Path, base: Path) -> None:
    """config.json, model.safetensors and the base's tokenizer.json: what `reshelf model build` takes."""
    saved: Any = model
    saved.save_pretrained(str(folder))
    shutil.copyfile(base / "tokenizer.json", folder / "tokenizer.json")
