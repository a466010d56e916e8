"""Hugging Face's Trainer over lists: it brings checkpoints, mixed precision, TensorBoard, early stopping."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import EarlyStoppingCallback, PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from sidecar.training import losses
from sidecar.training.batches import Collator, Examples
from sidecar.training.cross_encoder import scores_of
from sidecar.training.lists import TrainingList
from sidecar.training.ndcg import ndcg
from sidecar.training.settings import Settings
from sidecar.training.stopping import Divergence

Watch = Callable[[float, str], None]
METRIC = "eval_ndcg@10"
CHECKPOINTS_KEPT = 2


class ListTrainer(Trainer):
    """Weighted losses over whole lists, and nDCG@10 on the lists held out."""

    def __init__(
        self,
        model: nn.Module,
        settings: Settings,
        collator: Collator,
        train: Examples,
        development: Sequence[TrainingList],
        folder: Path,
        watch: Watch,
    ) -> None:
        self._settings = settings
        self._development = development
        self._divergence = Divergence()
        self._collator = collator
        callbacks: list[TrainerCallback] = [Watching(watch)]
        if development:
            callbacks.append(EarlyStoppingCallback(early_stopping_patience=settings.stopping.patience))
        super().__init__(
            model=model,
            args=_arguments(settings, folder, stops=bool(development), lists=len(train)),
            data_collator=collator,
            train_dataset=train,
            eval_dataset=Examples(development) if development else None,
            callbacks=callbacks,
        )
        self.remove_callback(PrinterCallback)  # stdout belongs to the answer
        self.model_accepts_loss_kwargs = False

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        del num_items_in_batch  # every list counts alike
        scores = scores_of(model, inputs)
        by_list = self._combined(scores, inputs)
        weights = inputs["weights"]
        loss = (by_list * weights).sum() / weights.sum()
        if self.is_in_train:
            self._divergence.seen(self.state.global_step, float(loss.detach()))
        return (loss, scores) if return_outputs else loss

    def _combined(self, scores: Tensor, inputs: dict[str, Any]) -> Tensor:
        gains, there = inputs["gains"].nan_to_num(0.0), inputs["there"]
        known = there & ~inputs["gains"].isnan()
        total = torch.zeros(scores.shape[0], device=scores.device)
        for name, weight in self._settings.losses.items():
            if name == "bce":
                total = total + weight * losses.bce(scores, gains, known)
            elif name == "listwise":
                total = total + weight * losses.listwise(scores, gains, known)
            elif name == "lambda":
                total = total + weight * losses.lambda_loss(scores, gains, known)
            elif self._settings.teacher is not None:
                teacher = self._settings.teacher
                wanted = inputs["teacher"] * teacher.scale
                total = total + weight * losses.distill(
                    scores, wanted, there, temperature=teacher.temperature, margin=teacher.margin
                )
        return total

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """nDCG@10 of every held-out list, as the Trainer's loop expects it: logged and told to callbacks."""
        values = [ndcg(example.gains, scores) for example, scores in self._scored()]
        metrics = {METRIC: float(np.mean(values))}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def curve(self) -> list[dict[str, float]]:
        """The logged losses and dev figures: {"step", "loss"} or {"step", "ndcg@10"}."""
        points: list[dict[str, float]] = []
        for logged in self.state.log_history:
            for name, label in (("loss", "loss"), (METRIC, "ndcg@10")):
                if name in logged:
                    points.append({"step": logged["step"], label: round(float(logged[name]), 5)})
        return points

    def best(self) -> dict[str, float] | None:
        """The best dev figure and its step; None where nothing was held out."""
        points = [point for point in self.curve() if "ndcg@10" in point]
        return max(points, key=lambda point: point["ndcg@10"]) if points else None

    def trained(self) -> nn.Module:
        """The model as it is now."""
        assert self.model is not None  # noqa: S101 (given to the constructor)
        return self.model

    def _scored(self) -> list[tuple[TrainingList, list[float]]]:
        model = self.trained()
        model.eval()
        found: list[tuple[TrainingList, list[float]]] = []
        size = 4 * self._settings.optimization.lists_a_step
        with torch.no_grad():
            for begin in range(0, len(self._development), size):
                lists = self._development[begin : begin + size]
                inputs = self._prepare_inputs(self._collator([Examples([one])[0] for one in lists]))
                scores = scores_of(model, inputs).cpu().tolist()
                found += [(one, row[: len(one.gains)]) for one, row in zip(lists, scores, strict=True)]
        model.train()
        return found


class Watching(TrainerCallback):
    """Tells how far the run is."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._note = ""

    def on_log(self, *_: Any, logs: dict[str, float] | None = None, **__: Any) -> None:
        for name, label in (("loss", "loss"), (METRIC, "dev nDCG@10")):
            if logs and name in logs:
                self._note = f"{label} {logs[name]:.4f}"

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        del args, control
        self._watch(state.global_step / max(1, state.max_steps), f"step {state.global_step} {self._note}")


def _arguments(settings: Settings, folder: Path, *, stops: bool, lists: int) -> TrainingArguments:
    optimization = settings.optimization
    steps = optimization.max_steps or max(1, round(optimization.epochs * lists / optimization.lists_a_step))
    every = min(settings.stopping.every, steps)
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(folder / "tensorboard")
    gpu = torch.cuda.is_available()
    half = gpu and not torch.cuda.is_bf16_supported()
    return TrainingArguments(
        output_dir=str(folder / "checkpoints"),
        max_steps=steps,
        per_device_train_batch_size=optimization.lists_a_step,
        learning_rate=settings.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=round(optimization.warmup * steps),
        weight_decay=optimization.weight_decay,
        max_grad_norm=optimization.clip,
        seed=settings.seed,
        data_seed=settings.seed,
        eval_strategy="steps" if stops else "no",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=CHECKPOINTS_KEPT,
        load_best_model_at_end=stops,
        metric_for_best_model=METRIC if stops else None,
        greater_is_better=True if stops else None,
        logging_steps=max(1, min(10, steps)),
        report_to=["tensorboard"],
        remove_unused_columns=False,
        label_names=[],
        disable_tqdm=True,
        log_level="error",
        use_cpu=not gpu,
        bf16=gpu and not half,
        fp16=half,
        dataloader_num_workers=0,
        dataloader_pin_memory=gpu,
        restore_callback_states_from_checkpoint=True,
    )
