"""Finds the checkpoint that a run goes on from, and says so where one is damaged."""

import json
from pathlib import Path

from sidecar.training.errors import TrainingError

STATE = "trainer_state.json"
NEEDED = (STATE, "optimizer.pt", "scheduler.pt", "training_args.bin")


def checkpoints(folder: Path) -> list[Path]:
    """All checkpoints of a run's folder, the oldest first."""
    found = [path for path in (folder / "checkpoints").glob("checkpoint-*") if path.name[11:].isdigit()]
    return sorted(found, key=lambda path: int(path.name[11:]))


def newest_checkpoint(folder: Path) -> Path | None:
    """The one to resume from; None where there is none yet. Raises TrainingError if it is damaged."""
    found = checkpoints(folder)
    if not found:
        return None
    problem = damage(found[-1])
    if problem is None:
        return found[-1]
    whole = [path.name for path in found[:-1] if damage(path) is None]
    advice = (
        f"{whole[-1]} is whole: remove {found[-1].name} to go on from there" if whole else "None is whole"
    )
    raise TrainingError(f"{found[-1]} is damaged: {problem}. {advice}, or start again with --restart.")


def damage(checkpoint: Path) -> str | None:
    """What is wrong with a checkpoint; None if it can be resumed."""
    import pickle

    import torch
    from safetensors import SafetensorError, safe_open

    missing = [name for name in NEEDED if not (checkpoint / name).is_file()]
    if missing:
        return f"{missing[0]} is missing"
    weights = sorted(checkpoint.glob("*.safetensors"))
    if not weights:
        return "its weights are missing"
    part = STATE
    try:
        json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
        for path in weights:
            part = path.name
            with safe_open(str(path), "pt") as tensors:
                for name in tensors.keys():  # noqa: SIM118 (no mapping)
                    tensors.get_tensor(name)
        for part in ("optimizer.pt", "scheduler.pt"):
            torch.load(checkpoint / part, map_location="cpu", weights_only=True)
    except (OSError, ValueError, RuntimeError, EOFError, SafetensorError, pickle.UnpicklingError) as error:
        return f"{part} cannot be read ({type(error).__name__})"
    return None
