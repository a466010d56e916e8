"""Tells one training run from its settings and files to the folder with what was trained."""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.model.checksums import sha256_of, sha256_of_text
from sidecar.model.weights import find_weights
from sidecar.training.card import make_card, write_card
from sidecar.training.checkpoints import newest_checkpoint
from sidecar.training.errors import TrainingError
from sidecar.training.gathering import Gathered, Inputs, Progress, gather, unwatched
from sidecar.training.settings import Settings

RUN = "run"
PLAN, TEACHER = "plan.json", "teacher.npz"


@dataclass(frozen=True)
class Trained:
    """What a run answers. `development` is the best nDCG@10 on held-out queries, None if none were."""

    folder: Path
    card: dict[str, Any]
    problems: dict[str, Sequence[str]]

    @property
    def development(self) -> float | None:
        found = self.card["development"]
        return found["ndcg@10"] if found else None


def train(
    settings: Settings,
    inputs: Inputs,
    output: Path,
    *,
    cache: Path,
    resume: bool = False,
    restart: bool = False,
    threads: int | None = None,
    progress: Progress = unwatched,
) -> Trained:
    """Trains, and writes the adapter (or checkpoint) with its card into `output`; checkpoints and TensorBoard
    logs into `output`/run.

    `resume` goes on from the newest checkpoint of the same run, `restart` removes an earlier run. Raises
    TrainingError, ModelError, ConfigurationError.
    """
    base = find_weights(settings.base, cache)
    with progress("Loading torch") as tick:
        import torch

        from sidecar.training.adapter import write_adapter, write_checkpoint
        from sidecar.training.batches import Collator, Examples
        from sidecar.training.cross_encoder import make_cross_encoder
        from sidecar.training.pairs import Pairs
        from sidecar.training.quiet import quieten
        from sidecar.training.teacher import read_scores, teach, write_scores
        from sidecar.training.trainer import ListTrainer

        quieten()
        if threads:
            torch.set_num_threads(threads)
        tick(1.0)
    tokenizer = base.folder / "tokenizer.json"
    gathered = gather(inputs, settings, tokenizer, progress)
    folder = output / RUN
    checkpoint = _prepare(folder, settings, gathered, resume=resume, restart=restart)
    begin = time.monotonic()
    pairs = Pairs(tokenizer, settings.max_length)
    teacher = read_scores(folder / TEACHER) if checkpoint else {}
    if settings.teacher is not None and settings.losses.get("distill", 0) > 0 and not teacher:
        with progress("Asking the teacher") as tick:
            lists = gathered.train
            teacher = teach(
                settings.teacher, base.folder, cache, gathered.catalogue, lists, settings.max_length, tick
            )
        write_scores(folder / TEACHER, teacher)
    model = make_cross_encoder(base.folder, settings)
    with progress("Training") as tick:
        trainer = ListTrainer(
            model,
            settings,
            Collator(pairs, gathered.catalogue),
            Examples(gathered.train, teacher),
            gathered.development,
            folder,
            tick,
        )
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    best_model = trainer.trained()
    if settings.tuning == "lora":
        write_adapter(best_model, output, base.source)
    else:
        write_checkpoint(best_model, output, base.folder)
    card = make_card(
        settings,
        base_source=base.source,
        base_sha256=sha256_of(base.folder / "model.safetensors"),
        data=gathered.counts,
        curve=trainer.curve(),
        best=trainer.best(),
        steps=trainer.state.global_step,
        seconds=time.monotonic() - begin,
        document=inputs.document.model_dump(),
    )
    write_card(card, output)
    return Trained(output, card, gathered.problems)


def _prepare(
    folder: Path, settings: Settings, gathered: Gathered, *, resume: bool, restart: bool
) -> Path | None:
    """Makes the run's folder; answers the checkpoint to resume from. Raises TrainingError where what lies
    there is of another run, or would be overwritten."""
    plan = {
        "settings": settings.model_dump(mode="json"),
        "lists": sha256_of_text(repr([*gathered.train, *gathered.development])),
    }
    if restart:
        shutil.rmtree(folder, ignore_errors=True)
    there = folder / PLAN
    if there.is_file() and not resume and newest_in(folder):
        raise TrainingError(f"{folder}: a run is there. Go on with --resume, or remove it with --restart.")
    checkpoint = None
    if resume:
        if not there.is_file():
            raise TrainingError(f"{folder}: no run to resume there. Leave --resume out.")
        checkpoint = _same_run(there, plan, folder)
    folder.mkdir(parents=True, exist_ok=True)
    there.write_text(json.dumps(plan, indent=2) + "\n", encoding="utf-8")
    return checkpoint


def newest_in(folder: Path) -> bool:
    """Whether a run has left checkpoints, whole or not."""
    return any((folder / "checkpoints").glob("checkpoint-*"))


def _same_run(there: Path, plan: dict[str, Any], folder: Path) -> Path | None:
    try:
        earlier = json.loads(there.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{there}: cannot be read: {error}. Start again with --restart.") from error
    changed = sorted(
        {key for key in plan["settings"] if earlier.get("settings", {}).get(key) != plan["settings"][key]}
        | ({"data"} if earlier.get("lists") != plan["lists"] else set())
    )
    if changed:
        raise TrainingError(
            f"{folder}: the run there had other {', '.join(changed)}. Give the same, or start again with "
            "--restart."
        )
    return newest_checkpoint(folder)
