"""Adapters: what is merged, and what is refused with the reason."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from sidecar.model.adapter import CARD, CONFIG, TENSORS, read_adapter
from sidecar.model.bert import read_bert, read_weights
from sidecar.model.checksums import sha256_of
from sidecar.model.errors import ModelError
from tests.fixtures.adapters import change_tensors, make_adapter
from tests.fixtures.tiny_bert import make_tiny_bert

QUERY = "bert.encoder.layer.0.attention.self.query"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return make_tiny_bert(tmp_path / "base")


@pytest.fixture
def folder(tmp_path: Path, base: Path) -> Path:
    return make_adapter(tmp_path / "adapter", base, rank=4, alpha=8)


def read(folder: Path, base: Path) -> Any:
    return read_adapter(folder, read_bert(base), sha256_of(base / "model.safetensors"))


def test_the_thin_matrices_are_added_to_the_base(folder: Path, base: Path) -> None:
    weights = read_weights(base, read_bert(base))
    merged = read(folder, base).merged(weights)
    tensors = load_file(str(folder / TENSORS))
    a, b = (tensors[f"base_model.model.{QUERY}.lora_{part}.weight"].astype(np.float64) for part in "AB")
    name = "encoder.layer.0.attention.self.query.weight"
    assert merged[name] == pytest.approx(weights[name] + 2 * b @ a, abs=1e-5)
    untouched = "embeddings.word_embeddings.weight"
    assert merged[untouched] is weights[untouched]
    assert merged["classifier.weight"].shape == (1, 96)
    assert all(value.dtype == np.float32 for value in merged.values())


def test_rank_stabilised_adapters_scale_by_the_root(folder: Path, base: Path) -> None:
    plain = read(folder, base).deltas
    change(folder, use_rslora=True)
    rooted = read(folder, base).deltas
    assert all(rooted[name] == pytest.approx(2 * plain[name], rel=1e-5) for name in plain)


def change(folder: Path, **keys: object) -> None:
    path = folder / CONFIG
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"peft_type": "IA3"}, "peft_type is 'IA3'"),
        ({"use_dora": True}, "use_dora is True"),
        ({"bias": "all"}, "bias is 'all'"),
        ({"rank_pattern": {"query": 2}}, "rank_pattern"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights is 'pissa'"),
        ({"r": 0}, "r is 0"),
        ({"r": True}, "r is True"),
        ({"r": 8}, r"lora_A.weight is \(4, 96\), expected \(8, 96\)"),
        ({"lora_alpha": None}, "lora_alpha is None"),
        ({"target_modules": None}, "target_modules is None"),
        ({"target_modules": "("}, "no regular expression"),
    ],
)
def test_other_settings_are_refused(folder: Path, base: Path, keys: dict[str, object], message: str) -> None:
    change(folder, **keys)
    with pytest.raises(ModelError, match=message):
        read(folder, base)


def test_fewer_targets_are_fine_by_ending_and_by_pattern(folder: Path, base: Path) -> None:
    tensors = load_file(str(folder / TENSORS))
    removed = [name for name in tensors if "lora" in name and "query" not in name]
    change_tensors(folder, {name.removeprefix("base_model.model."): None for name in removed})
    with pytest.raises(ModelError, match=r"lora_A\.weight is missing"):
        read(folder, base)
    for targets in (["query"], r".*\.query"):
        change(folder, target_modules=targets)
        assert len(read(folder, base).deltas) == 2


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({f"{QUERY}.lora_B.weight": None}, r"query\.lora_B\.weight is missing"),
        ({f"{QUERY}.lora_A.weight": np.full((4, 96), np.nan, np.float16)}, "NaN or infinity"),
        ({f"{QUERY}.lora_A.weight": np.zeros((4, 64), np.float16)}, "adapter of another base"),
        ({"bert.encoder.layer.2.output.dense.lora_A.weight": np.zeros((4, 384))}, "layers 0 to 1"),
        ({"bert.embeddings.word_embeddings.weight": np.zeros((3, 96))}, "has no place"),
    ],
)
def test_tensors_that_do_not_fit_are_named(
    folder: Path, base: Path, tensors: dict[str, np.ndarray | None], message: str
) -> None:
    change_tensors(folder, tensors)
    with pytest.raises(ModelError, match=message):
        read(folder, base)


def test_an_adapter_of_another_base_is_refused_by_its_card(folder: Path, base: Path) -> None:
    (folder / CARD).write_text(json.dumps({"base_sha256": sha256_of(base / "model.safetensors")}))
    read(folder, base)
    (folder / CARD).write_text(json.dumps({"base_sha256": "0" * 64}))
    with pytest.raises(ModelError, match="trained on other base weights"):
        read(folder, base)


@pytest.mark.parametrize("file", [CONFIG, TENSORS, CARD])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\x00garbage"])
def test_a_broken_file_is_named(folder: Path, base: Path, file: str, content: bytes) -> None:
    (folder / file).write_bytes(content)
    with pytest.raises(ModelError, match=file):
        read(folder, base)


def test_a_folder_without_an_adapter_is_none(tmp_path: Path, base: Path) -> None:
    with pytest.raises(ModelError, match="it is no adapter"):
        read(tmp_path, base)


def test_the_checksum_follows_what_changes_scores(folder: Path, base: Path) -> None:
    sums = {read(folder, base).sha256}
    change(folder, base_model_name_or_path="/somewhere/else")
    sums.add(read(folder, base).sha256)
    assert len(sums) == 1
    change(folder, lora_alpha=16)
    sums.add(read(folder, base).sha256)
    change_tensors(folder, {"classifier.bias": np.ones(1, np.float16)})
    sums.add(read(folder, base).sha256)
    assert len(sums) == 3
