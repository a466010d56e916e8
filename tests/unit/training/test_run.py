"""Whole runs on a tiny BERT: what is learned, written, resumed and refused."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from sidecar.training.errors import TrainingError
from sidecar.training.gathering import Inputs, Tick
from sidecar.training.ndcg import ndcg
from sidecar.training.pairs import Pairs
from sidecar.training.run import Trained, train
from sidecar.training.settings import Settings
from tests.fixtures.tiny_bert import make_tiny_bert
from tests.fixtures.training import DOCUMENT, toy_catalogue, toy_lists, write_judgments, write_products


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_bert(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return Inputs(
        write_products(tmp_path / "products.jsonl"),
        DOCUMENT,
        judgments=write_judgments(tmp_path / "judgments.jsonl"),
    )


def settings(base: Path, **changes: Any) -> Settings:
    """Enough steps to learn six queries by heart, and no query held out."""
    plain: dict[str, Any] = {
        "base": str(base),
        "max_length": 24,
        "lora.rank": 4,
        "lora.alpha": 8,
        "optimization.learning_rate": 3e-3,
        "optimization.max_steps": 40,
        "optimization.lists_a_step": 3,
        "stopping.share": 0.0,
        "stopping.every": 10,
        "sources.judgments": {"size": 12, "lists_a_query": 2},
    }
    return Settings().changed({**plain, **changes}, "test")


def run(tmp_path: Path, chosen: Settings, inputs: Inputs, name: str = "out", **options: Any) -> Trained:
    return train(chosen, inputs, tmp_path / name, cache=tmp_path / "cache", threads=1, **options)


def quality(base: Path, folder: Path) -> float:
    """Mean nDCG@10 of the toy lists with what PEFT or transformers itself loads from the folder."""
    from peft import PeftModel
    from transformers import BertForSequenceClassification

    model: Any
    if (folder / "adapter_config.json").is_file():
        plain = BertForSequenceClassification.from_pretrained(base, num_labels=1)
        model = PeftModel.from_pretrained(plain, str(folder)).merge_and_unload().eval()
    else:
        model = BertForSequenceClassification.from_pretrained(folder).eval()
    pairs, catalogue = Pairs(base / "tokenizer.json", 24), toy_catalogue()
    values = []
    for found in toy_lists():
        rows = pairs.rows(found.query, [catalogue.text_of(product) for product in found.products])
        with torch.no_grad():
            values.append(ndcg(found.gains, model(**pairs.batch(rows)).logits[:, 0].tolist()))
    return float(np.mean(values))


@pytest.mark.parametrize("loss", ["bce", "listwise", "lambda"])
def test_every_loss_learns_a_toy_order(tmp_path: Path, base: Path, inputs: Inputs, loss: str) -> None:
    trained = run(tmp_path, settings(base, losses={loss: 1.0}, **{"optimization.max_steps": 80}), inputs)
    curve = [point["loss"] for point in trained.card["curve"] if "loss" in point]
    assert curve[-1] < curve[0]
    assert quality(base, trained.folder) > 0.9  # an order at random has 0.4


def test_a_student_learns_from_a_teacher_alone(tmp_path: Path, base: Path, inputs: Inputs) -> None:
    teacher = run(tmp_path, settings(base, tuning="full", losses={"listwise": 1.0}), inputs, "teacher")
    assert quality(base, teacher.folder) > 0.95
    asked = settings(base, losses={"distill": 1.0}, teacher={"model": str(teacher.folder), "margin": 0.2})
    assert quality(base, run(tmp_path, asked, inputs).folder) > 0.95


@pytest.mark.parametrize("teacher", ["bi-encoder", "list-context"])
def test_the_base_itself_can_teach(tmp_path: Path, base: Path, inputs: Inputs, teacher: str) -> None:
    asked = settings(base, losses={"distill": 1.0}, teacher={"model": teacher})
    curve = [p["loss"] for p in run(tmp_path, asked, inputs).card["curve"] if "loss" in p]
    assert curve[-1] < curve[0]


def test_an_adapter_is_pefts_own_and_small(tmp_path: Path, base: Path, inputs: Inputs) -> None:
    folder = run(tmp_path, settings(base), inputs).folder
    config = json.loads((folder / "adapter_config.json").read_text())
    assert (config["peft_type"], config["r"], config["lora_alpha"]) == ("LORA", 4, 8)
    assert config["modules_to_save"] == ["classifier", "pooler"]
    assert str(tmp_path) not in (folder / "adapter_config.json").read_text()
    tensors = load_file(str(folder / "adapter_model.safetensors"))
    assert {value.dtype for value in tensors.values()} == {torch.float16}
    assert {name for name in tensors if "lora" not in name} == {
        "base_model.model.bert.pooler.dense.weight",
        "base_model.model.bert.pooler.dense.bias",
        "base_model.model.classifier.weight",
        "base_model.model.classifier.bias",
    }
    adapted = {name.split(".lora_")[0].split("layer.")[1][2:] for name in tensors if "lora" in name}
    assert adapted == {
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "intermediate.dense",
        "output.dense",
    }


def test_the_card_tells_what_a_model_was_made_from(tmp_path: Path, base: Path, inputs: Inputs) -> None:
    import hashlib

    trained = run(tmp_path, settings(base), inputs)
    card = json.loads((trained.folder / "card.json").read_text())
    assert card["base_sha256"] == hashlib.sha256((base / "model.safetensors").read_bytes()).hexdigest()
    judged = card["data"]["judgments"]
    assert (judged["queries"], judged["labels"]) == (6, {"E": 12, "I": 60})
    assert inputs.judgments is not None
    assert judged["sha256"] == hashlib.sha256(inputs.judgments.read_bytes()).hexdigest()
    assert card["settings"]["lora"]["rank"] == 4
    assert card["settings"]["seed"] == 0
    assert "torch" in card["versions"]
    assert "| judgments |" in (trained.folder / "card.md").read_text()
    assert list((trained.folder / "run" / "tensorboard").iterdir())


@contextmanager
def stopping_halfway(what: str) -> Iterator[Tick]:
    """The `Progress` of somebody who loses patience after half of the training."""

    def tick(done: float, note: str = "") -> None:
        if what == "Training" and done > 0.55:
            raise KeyboardInterrupt

    yield tick


def test_a_resumed_run_ends_as_an_uninterrupted_one(tmp_path: Path, base: Path, inputs: Inputs) -> None:
    chosen = settings(base, dropout=0.1, **{"optimization.max_steps": 20})
    whole = run(tmp_path, chosen, inputs, "whole")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, chosen, inputs, progress=stopping_halfway)
    with pytest.raises(TrainingError, match="Go on with --resume, or remove it with --restart"):
        run(tmp_path, chosen, inputs)
    resumed = run(tmp_path, chosen, inputs, resume=True)
    one, other = (load_file(str(made.folder / "adapter_model.safetensors")) for made in (whole, resumed))
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name])


def test_a_damaged_checkpoint_is_said(tmp_path: Path, base: Path, inputs: Inputs) -> None:
    chosen = settings(base, **{"optimization.max_steps": 20})
    run(tmp_path, chosen, inputs)
    newest = tmp_path / "out" / "run" / "checkpoints" / "checkpoint-20"
    weights = newest / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(
        TrainingError, match=r"checkpoint-20 is damaged: adapter_model.*checkpoint-10 is whole"
    ):
        run(tmp_path, chosen, inputs, resume=True)
    (newest / "trainer_state.json").unlink()
    with pytest.raises(TrainingError, match=r"checkpoint-20 is damaged: trainer_state\.json is missing"):
        run(tmp_path, chosen, inputs, resume=True)


def test_only_the_same_run_is_resumed(tmp_path: Path, base: Path, inputs: Inputs) -> None:
    with pytest.raises(TrainingError, match="no run to resume there"):
        run(tmp_path, settings(base), inputs, resume=True)
    run(tmp_path, settings(base), inputs)
    with pytest.raises(TrainingError, match="had other data, seed"):
        run(tmp_path, settings(base, seed=1), inputs, resume=True)
    assert run(tmp_path, settings(base, seed=1), inputs, restart=True).card["settings"]["seed"] == 1


def test_a_run_stops_when_held_out_queries_get_no_better(tmp_path: Path, base: Path, inputs: Inputs) -> None:
    changes = {
        "stopping.share": 0.5,
        "stopping.every": 2,
        "stopping.patience": 2,
        "optimization.max_steps": 200,
        "optimization.learning_rate": 1e-6,
    }
    trained = run(tmp_path, settings(base, **changes), inputs)
    assert trained.card["steps"] < 200
    assert trained.development == max(p["ndcg@10"] for p in trained.card["curve"] if "ndcg@10" in p)


def test_a_diverging_run_says_so(tmp_path: Path, base: Path, inputs: Inputs) -> None:
    changes = {"optimization.learning_rate": 1e4, "optimization.max_steps": 200, "optimization.warmup": 0.0}
    with pytest.raises(TrainingError, match=r"diverges\. Lower optimization.learning_rate"):
        run(tmp_path, settings(base, tuning="full", losses={"bce": 1.0}, **changes), inputs)
    assert not (tmp_path / "out" / "card.json").exists()


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"red-shoe": "E", "blue-shoe": "E"}, "all known products are alike"),
        ({"red-shoe": "I", "blue-shoe": "I"}, "all known products are alike"),
        ({"gone": "E", "lost": "I"}, "2 judged products unknown, such as gone"),
    ],
)
def test_what_teaches_nothing_is_refused(
    tmp_path: Path, base: Path, inputs: Inputs, labels: dict[str, str], told: str
) -> None:
    assert inputs.judgments is not None
    inputs.judgments.write_text(json.dumps({"query": "shoe", "labels": labels}) + "\n")
    with pytest.raises(TrainingError, match=rf"no list to train on.*line 1: {told}"):
        run(tmp_path, settings(base), inputs)


def test_judgments_kept_apart_are_not_trained_on(tmp_path: Path, base: Path, inputs: Inputs) -> None:
    assert inputs.judgments is not None
    apart = tmp_path / "apart.jsonl"
    apart.write_text('{"query": "Shoes", "labels": {"red-shoe": "E", "red-mug": "I"}}\n')
    chosen = Inputs(inputs.products, DOCUMENT, judgments=inputs.judgments, keep_apart=apart)
    card = run(tmp_path, settings(base, **{"optimization.max_steps": 1}), chosen).card
    assert card["data"]["split"]["train"] == 10  # two lists of each other query
