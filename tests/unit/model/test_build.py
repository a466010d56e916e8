"""Building a model folder: what is in it, when it is made again, and what is refused."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from sidecar.inference import Encoder, read_manifest
from sidecar.model import recipe
from sidecar.model.build import KEEP, Built, build_model
from sidecar.model.errors import ModelError
from sidecar.model.folders import MODEL, version_folders
from sidecar.model.verify import problems
from tests.fixtures.adapters import change_tensors, make_adapter
from tests.fixtures.tiny_bert import make_tiny_bert


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return make_tiny_bert(tmp_path / "weights")


def build(tmp_path: Path, weights: Path, **options: Any) -> Built:
    """Builds into the test's own repository."""
    return build_model(tmp_path / "models", cache=tmp_path / "cache", weights=str(weights), **options)


def test_a_version_folder_holds_all_that_triton_needs(tmp_path: Path, weights: Path) -> None:
    built = build(tmp_path, weights)
    assert built.folder == tmp_path / "models" / MODEL / "1"
    assert (built.folder.parent / "config.pbtxt").read_text().count(f'name: "{MODEL}"') == 1
    names = {path.relative_to(built.folder).as_posix() for path in built.folder.rglob("*") if path.is_file()}
    assert {"model.py", "model.onnx", "tokenizer.json", "manifest.json", "inference/encoder.py"} <= names
    manifest = read_manifest(built.folder)
    assert manifest.fingerprint == built.fingerprint
    assert set(manifest.files) == names - {"manifest.json"}
    assert not problems(built.folder)


def test_an_up_to_date_version_is_used_again(tmp_path: Path, weights: Path) -> None:
    first = build(tmp_path, weights)
    second = build(tmp_path, weights)
    assert not first.reused
    assert second.reused
    assert second.folder == first.folder
    forced = build(tmp_path, weights, force=True)
    assert (forced.version, forced.fingerprint, forced.reused) == (2, first.fingerprint, False)


@pytest.mark.parametrize("file", ["model.onnx", "model.py", "inference/encoder.py"])
def test_a_damaged_version_is_found_and_made_again(tmp_path: Path, weights: Path, file: str) -> None:
    first = build(tmp_path, weights)
    with (first.folder / file).open("ab") as damaged:
        damaged.write(b"\n")
    assert any(file in problem for problem in problems(first.folder))
    second = build(tmp_path, weights)
    assert (second.version, second.reused) == (2, False)
    assert not problems(second.folder)


def test_missing_and_foreign_files_are_found(tmp_path: Path, weights: Path) -> None:
    folder = build(tmp_path, weights).folder
    (folder / "tokenizer.json").unlink()
    (folder / "notes.txt").write_text("hello")
    found = problems(folder)
    assert any("tokenizer.json: missing" in problem for problem in found)
    assert any("notes.txt: not part" in problem for problem in found)


def test_what_changes_scores_changes_the_fingerprint(tmp_path: Path, weights: Path) -> None:
    other = make_tiny_bert(tmp_path / "other" / "weights", seed=1)
    fingerprints = [
        build(tmp_path, weights).fingerprint,
        build(tmp_path, weights, precision="fp32").fingerprint,
        build(tmp_path, weights, max_length=100).fingerprint,
        build(tmp_path, other).fingerprint,
    ]
    assert len(set(fingerprints)) == len(fingerprints)
    assert fingerprints[0].startswith("weights-int8@")


def test_the_same_input_makes_the_same_files_elsewhere(tmp_path: Path, weights: Path) -> None:
    first, second = (build(tmp_path / place, weights) for place in ("here", "there"))
    assert (first.folder / "manifest.json").read_bytes() == (second.folder / "manifest.json").read_bytes()


def test_old_versions_are_removed(tmp_path: Path, weights: Path) -> None:
    for _ in range(KEEP + 2):
        last = build(tmp_path, weights, force=True)
    assert [int(folder.name) for folder in version_folders(last.folder.parent)] == [3, 4, 5]


def test_builds_at_the_same_time_make_one_version(tmp_path: Path, weights: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: build(tmp_path, weights), range(4)))
    assert {answer.version for answer in answers} == {1}
    assert sum(not answer.reused for answer in answers) == 1
    assert not list((tmp_path / "models" / MODEL).glob(".building*"))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model_type": "roberta"}, "model_type is 'roberta'"),
        ({"model_type": None}, "model_type is None"),
        ({"hidden_act": "relu"}, "hidden_act is 'relu'"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type"),
        ({"is_decoder": True}, "is_decoder"),
        ({"num_attention_heads": 5}, "not a multiple"),
        ({"num_hidden_layers": 3}, "encoder.layer.2.attention.self.query.weight is missing"),
        ({"intermediate_size": 100}, "config.json promises"),
        ({"hidden_size": "wide"}, "incomplete"),
    ],
)
def test_other_architectures_are_refused(tmp_path: Path, config: dict[str, Any], message: str) -> None:
    folder = make_tiny_bert(tmp_path / "weights", **config)
    with pytest.raises(ModelError, match=message):
        build(tmp_path, folder)
    assert not version_folders(tmp_path / "models" / MODEL)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "int4"}, "choose one of int8, int8-dynamic, fp32"),
        ({"max_length": 63}, "choose 64 to 256"),
        ({"max_length": 257}, "choose 64 to 256"),
        ({"max_length": 200}, "128 positions"),
    ],
)
def test_options_out_of_range_are_refused(
    tmp_path: Path, weights: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        build(tmp_path, weights, **options)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path, weights: Path) -> None:
    path = weights / "model.safetensors"
    tensors = load_file(str(path))
    tensors["encoder.layer.1.output.dense.bias"][3] = np.nan
    save_file(tensors, str(path))
    with pytest.raises(ModelError, match=r"layer\.1\.output\.dense\.bias holds NaN"):
        build(tmp_path, weights)


def test_a_truncated_weights_file_is_refused(tmp_path: Path, weights: Path) -> None:
    path = weights / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ModelError, match="cannot be read"):
        build(tmp_path, weights)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, weights: Path) -> None:
    (tmp_path / "models").write_text("a file, not a folder")
    with pytest.raises(ModelError, match="cannot be written"):
        build(tmp_path, weights)


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        build(tmp_path, tmp_path / "nowhere")


def test_weights_saved_with_a_head_are_read(tmp_path: Path, weights: Path) -> None:
    plain = Encoder.load(build(tmp_path / "plain", weights, precision="fp32").folder)
    path = weights / "model.safetensors"
    save_file({f"bert.{name}": tensor for name, tensor in load_file(str(path)).items()}, str(path))
    headed = Encoder.load(build(tmp_path / "headed", weights, precision="fp32").folder)
    texts = ["red shoe", "kettle"]
    assert np.array_equal(plain.score(texts, texts).vectors, headed.score(texts, texts).vectors)


def test_half_precision_weights_are_read(tmp_path: Path, weights: Path) -> None:
    plain = Encoder.load(build(tmp_path / "plain", weights, precision="fp32").folder)
    path = weights / "model.safetensors"
    save_file({name: tensor.astype(np.float16) for name, tensor in load_file(str(path)).items()}, str(path))
    half = Encoder.load(build(tmp_path / "half", weights, precision="fp32").folder)
    texts = ["red shoe", "kettle"]
    assert plain.score(texts, texts).vectors == pytest.approx(half.score(texts, texts).vectors, abs=5e-3)


def test_unknown_pooling_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="max_tokens"):
        build(tmp_path, make_tiny_bert(tmp_path / "weights", pooling="max_tokens"))


def test_the_manifest_says_where_the_weights_came_from(tmp_path: Path, weights: Path) -> None:
    manifest = json.loads((build(tmp_path, weights).folder / "manifest.json").read_text())
    assert manifest["weights"]["source"] == "folder"
    assert len(manifest["weights"]["sha256"]) == 64
    assert str(tmp_path) not in json.dumps(manifest)


def test_an_adapter_makes_a_cross_encoder(tmp_path: Path, weights: Path) -> None:
    adapter = make_adapter(tmp_path / "My Adapter", weights)
    built = build(tmp_path, weights, adapter=str(adapter), vectors=str(weights))
    assert built.kind == "cross-encoder"
    assert built.fingerprint.startswith("weights+my-adapter-int8@")
    manifest = json.loads((built.folder / "manifest.json").read_text())
    assert (manifest["max_length"], manifest["text_max_length"], manifest["dimensions"]) == (96, 64, 96)
    assert manifest["adapter"]["rank"] == 4
    assert {"model.onnx", "vectors.onnx"} <= set(manifest["files"])
    assert "vectors-tokenizer.json" not in manifest["files"]
    assert not problems(built.folder)
    assert build(tmp_path, weights, adapter=str(adapter), vectors=str(weights)).reused


def test_what_changes_a_cross_encoders_answers_changes_its_fingerprint(tmp_path: Path, weights: Path) -> None:
    adapter = make_adapter(tmp_path / "adapter", weights)
    other = make_adapter(tmp_path / "other" / "adapter", weights, seed=1)
    elsewhere = make_tiny_bert(tmp_path / "elsewhere", seed=1)
    options: list[dict[str, Any]] = [
        {"adapter": str(adapter)},
        {"adapter": str(other)},
        {"adapter": str(adapter), "max_length": 100},
        {"adapter": str(adapter), "precision": "fp32"},
        {"adapter": str(adapter), "vectors": str(elsewhere)},
        {"adapter": str(adapter), "vectors": "none"},
        {"adapter": "none"},
    ]
    fingerprints = [
        build(tmp_path, weights, **{"vectors": str(weights), **given}).fingerprint for given in options
    ]
    assert len(set(fingerprints)) == len(options)


def test_a_cross_encoder_without_vectors_scores(tmp_path: Path, weights: Path) -> None:
    adapter = make_adapter(tmp_path / "adapter", weights)
    encoder = Encoder.load(build(tmp_path, weights, adapter=str(adapter), vectors="none").folder)
    assert encoder.dimensions == 0
    assert np.isfinite(encoder.score(["red"], ["red shoe"]).scores).all()
    assert encoder.embed(["red shoe", "mug"]).shape == (2, 0)


def test_vectors_of_other_weights_bring_their_tokenizer(tmp_path: Path, weights: Path) -> None:
    elsewhere = make_tiny_bert(tmp_path / "elsewhere", seed=1)
    path = elsewhere / "tokenizer.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "padding": None}, indent=1))
    adapter = make_adapter(tmp_path / "adapter", weights)
    built = build(tmp_path, weights, adapter=str(adapter), vectors=str(elsewhere))
    assert (built.folder / "vectors-tokenizer.json").read_bytes() == path.read_bytes()
    alone = Encoder.load(build(tmp_path / "alone", elsewhere).folder)
    texts = ["red shoe", "mug"]
    assert np.array_equal(Encoder.load(built.folder).embed(texts), alone.embed(texts))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"adapter": "./nowhere"}, "no such folder"),
        ({"max_length": 63}, "choose 64 to 512"),
        ({"max_length": 513}, "choose 64 to 512"),
        ({"max_length": 200}, "128 positions"),
        ({"vectors": "./nowhere"}, "no such folder"),
    ],
)
def test_a_cross_encoders_options_out_of_range_are_refused(
    tmp_path: Path, weights: Path, options: dict[str, Any], message: str
) -> None:
    adapter = str(make_adapter(tmp_path / "adapter", weights))
    with pytest.raises(ModelError, match=message):
        build(tmp_path, weights, **{"adapter": adapter, "vectors": str(weights), **options})


def test_a_classifier_of_several_labels_is_refused(tmp_path: Path, weights: Path) -> None:
    path = weights / "model.safetensors"
    save_file({**load_file(str(path)), "classifier.weight": np.zeros((3, 96), np.float32)}, str(path))
    with pytest.raises(ModelError, match="3 labels; a re-ranker needs one"):
        build(tmp_path, weights, vectors="none")


def test_a_head_that_lacks_its_pooler_is_refused(tmp_path: Path, weights: Path) -> None:
    adapter = make_adapter(tmp_path / "adapter", weights)
    change_tensors(adapter, {"bert.pooler.dense.weight": None})
    with pytest.raises(ModelError, match=r"pooler\.dense\.weight is missing"):
        build(tmp_path, weights, adapter=str(adapter), vectors="none")


def test_a_tokenizer_that_knows_no_pairs_is_refused(tmp_path: Path, weights: Path) -> None:
    adapter = make_adapter(tmp_path / "adapter", weights)
    tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
    tokenizer.post_processor = None
    tokenizer.save(str(weights / "tokenizer.json"))
    with pytest.raises(ModelError, match="a pair gets 0 special tokens"):
        build(tmp_path, weights, adapter=str(adapter), vectors="none")


def test_the_default_adapter_is_the_shipped_one_for_the_default_weights_only(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = make_adapter(tmp_path / "default", weights)
    monkeypatch.setattr(recipe, "SHIPPED_ADAPTER", shipped)
    assert recipe._adapter_folder("default", "minilm-l6") == shipped
    assert recipe._adapter_folder("default", str(weights)) is None
    assert recipe._adapter_folder("none", "minilm-l6") is None
    monkeypatch.setattr(recipe, "SHIPPED_ADAPTER", tmp_path / "not shipped")
    assert recipe._adapter_folder("default", "minilm-l6") is None
