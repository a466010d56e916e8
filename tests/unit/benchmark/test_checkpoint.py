"""The peers score with the very weights that our own model is built from."""

import json
from pathlib import Path

import numpy as np
import pytest

from sidecar.benchmark.model.checkpoint import write_checkpoint
from sidecar.inference import Encoder
from sidecar.model.build import build_model
from sidecar.model.errors import ModelError
from tests.fixtures.adapters import make_adapter
from tests.fixtures.tiny_bert import make_tiny_bert

PAIRS = [("red shoe", "blue shoe garden"), ("kettle", "steel kettle " * 30), ("lamp", "")]


def checkpoint(tmp_path: Path, adapter: str, max_length: int = 96) -> Path:
    return write_checkpoint(
        tmp_path / "checkpoints",
        cache=tmp_path / "cache",
        weights=str(tmp_path / "weights"),
        adapter=adapter,
        max_length=max_length,
    )


def test_transformers_scores_with_it_what_our_model_scores(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs reshelf[train]")
    transformers = pytest.importorskip("transformers", reason="needs reshelf[train]")
    base = make_tiny_bert(tmp_path / "weights")
    adapter = str(make_adapter(tmp_path / "adapter", base))
    folder = checkpoint(tmp_path, adapter)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    queries, texts = zip(*PAIRS, strict=True)
    tokens = tokenizer(
        list(queries), list(texts), padding=True, truncation="longest_first", return_tensors="pt"
    )
    assert tokens["input_ids"].shape[1] <= 96, "the tokenizer cuts where our model does"
    with torch.no_grad():
        theirs = model(**tokens).logits[:, 0].numpy()
    built = build_model(
        tmp_path / "models",
        cache=tmp_path / "cache",
        weights=str(base),
        adapter=adapter,
        vectors="none",
        precision="fp32",
    )
    ours = Encoder.load(built.folder).score(queries, texts).scores
    assert np.abs(ours - theirs).max() < 1e-3


def test_it_is_written_once_and_says_its_length(tmp_path: Path) -> None:
    adapter = str(make_adapter(tmp_path / "adapter", make_tiny_bert(tmp_path / "weights")))
    folder = checkpoint(tmp_path, adapter)
    before = (folder / "model.safetensors").stat().st_mtime_ns
    assert checkpoint(tmp_path, adapter) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == before
    longer = checkpoint(tmp_path, adapter, 128)
    assert longer != folder
    assert json.loads((longer / "tokenizer_config.json").read_text())["model_max_length"] == 128


def test_what_reads_no_pairs_is_refused(tmp_path: Path) -> None:
    make_tiny_bert(tmp_path / "weights")
    with pytest.raises(ModelError, match="Give an adapter"):
        checkpoint(tmp_path, "none", 64)
