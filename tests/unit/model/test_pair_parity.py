"""The pair graph computes what transformers and PEFT compute from the same weights."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sidecar.inference import Encoder
from sidecar.model.adapter import MODULES
from sidecar.model.build import build_model
from sidecar.model.weights import find_weights
from tests.fixtures.tiny_bert import make_tiny_bert

torch = pytest.importorskip("torch", reason="needs reshelf[train]: the original weights run with torch")
transformers = pytest.importorskip("transformers", reason="needs reshelf[train]")

PAIRS = [
    ("red shoe", "red shoe"),
    ("", ""),
    ("", "kettle"),
    ("lamp", ""),
    ("steel kettle", "kettle steel mug red blue garden pan lamp chair cotton"),
    ("mug", "a b c d e " * 40),
    ("garden pan " * 50, "lamp"),
    ("garden pan " * 50, "a b c d e " * 40),
    ("红 鞋", "红 鞋 shoe"),
]


def original_logits(
    model: Any, tokenizer_file: Path, pairs: list[tuple[str, str]], max_length: int = 96
) -> np.ndarray:
    """By torch, each pair alone: float32 [n]."""
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(tokenizer_file), pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )
    logits = []
    with torch.no_grad():
        for query, text in pairs:
            tokens = tokenizer(
                [query],  # as lists: alone, an empty text would count as none
                [text],
                truncation=True,
                max_length=max_length,
                return_tensors="pt",
                return_token_type_ids=True,
            )
            logits.append(float(model.eval()(**tokens).logits[0, 0]))
    return np.array(logits, np.float32)


def classifier(folder: Path) -> Any:
    """The base with a fresh head."""
    torch.manual_seed(3)
    return transformers.BertForSequenceClassification.from_pretrained(folder, num_labels=1)


def ours(folder: Path, pairs: list[tuple[str, str]]) -> np.ndarray:
    queries, texts = zip(*pairs, strict=True)
    return Encoder.load(folder).score(queries, texts).scores


def with_adapter(base: Path, folder: Path, **settings: Any) -> Any:
    """A PEFT model with random LoRA matrices, saved by PEFT."""
    peft = pytest.importorskip("peft", reason="needs reshelf[train]")
    settings = {
        "r": 4,
        "lora_alpha": 8,
        "target_modules": list(MODULES),
        "init_lora_weights": False,
    } | settings
    config = peft.LoraConfig(task_type="SEQ_CLS", modules_to_save=["pooler", "classifier"], **settings)
    model = peft.get_peft_model(classifier(base), config)
    model.save_pretrained(folder)
    return model


@pytest.mark.parametrize("settings", [{}, {"use_rslora": True}, {"target_modules": r".*\.(query|value)"}])
def test_fp32_equals_the_model_that_peft_saved(tmp_path: Path, settings: dict[str, Any]) -> None:
    base = make_tiny_bert(tmp_path / "base")
    model = with_adapter(base, tmp_path / "adapter", **settings)
    built = build_model(
        tmp_path / "models",
        cache=tmp_path,
        weights=str(base),
        adapter=str(tmp_path / "adapter"),
        vectors="none",
        precision="fp32",
    )
    expected = original_logits(model, base / "tokenizer.json", PAIRS)
    assert ours(built.folder, PAIRS) == pytest.approx(expected, abs=2e-4)
    assert np.ptp(expected) > 0.02


@pytest.mark.parametrize("safetensors", [True, False])
def test_fp32_equals_a_fully_tuned_checkpoint(tmp_path: Path, safetensors: bool) -> None:
    base = make_tiny_bert(tmp_path / "base")
    model = classifier(base)
    checkpoint = tmp_path / "checkpoint"
    model.save_pretrained(checkpoint)
    transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(base / "tokenizer.json"), pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(checkpoint)
    if not safetensors:
        torch.save(model.state_dict(), checkpoint / "pytorch_model.bin")
        (checkpoint / "model.safetensors").unlink()
    built = build_model(
        tmp_path / "models",
        cache=tmp_path,
        weights=str(checkpoint),
        vectors=str(base),
        precision="fp32",
    )
    assert built.kind == "cross-encoder"
    expected = original_logits(model, base / "tokenizer.json", PAIRS)
    assert ours(built.folder, PAIRS) == pytest.approx(expected, abs=2e-4)
    assert find_weights(str(checkpoint), tmp_path).name == "checkpoint"


def test_int8_is_near_fp32(tmp_path: Path) -> None:
    base = make_tiny_bert(tmp_path / "base")
    with_adapter(base, tmp_path / "adapter")
    exact, quick = (
        ours(
            build_model(
                tmp_path / precision,
                cache=tmp_path,
                weights=str(base),
                adapter=str(tmp_path / "adapter"),
                vectors="none",
                precision=precision,
            ).folder,
            PAIRS,
        )
        for precision in ("fp32", "int8")
    )
    assert np.corrcoef(exact, quick)[0, 1] > 0.98
    assert not np.array_equal(exact, quick)
