"""A folder that cannot be loaded is refused with the fix."""

import json
import shutil
from pathlib import Path

import pytest

from sidecar.inference import Encoder, ModelFolderError, find_version_folder


@pytest.fixture
def folder(tiny_models: dict[str, Path], tmp_path: Path) -> Path:
    """A copy to break."""
    return shutil.copytree(tiny_models["fp32"], tmp_path / "bert_reranker" / "3")


def change(folder: Path, **keys: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def test_the_newest_version_is_found(folder: Path) -> None:
    shutil.copytree(folder, folder.with_name("10"))
    folder.with_name("11").mkdir()
    assert find_version_folder(folder.parent) == folder.with_name("10")
    assert find_version_folder(folder) == folder
    assert Encoder.load(folder.parent).score(["a"], ["a"]).scores[0] == pytest.approx(1, abs=1e-3)


def test_no_model_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="reshelf model build"):
        Encoder.load(tmp_path)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"format": 99}, "another version of reshelf"),
        ({"files": None}, "incomplete"),
        ({"max_length": "long"}, "incomplete"),
        ({"kind": "oracle"}, "`oracle`"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(folder: Path, keys: dict[str, object], message: str) -> None:
    change(folder, **keys)
    with pytest.raises(ModelFolderError, match=message):
        Encoder.load(folder)


@pytest.mark.parametrize("file", ["manifest.json", "model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"\x00\x01garbage"])
def test_a_broken_file_is_named(folder: Path, file: str, content: bytes) -> None:
    (folder / file).write_bytes(content)
    with pytest.raises(ModelFolderError, match=file):
        Encoder.load(folder)


def test_a_max_length_out_of_range_is_refused(folder: Path) -> None:
    with pytest.raises(ModelFolderError, match="choose"):
        Encoder.load(folder, max_length=5000)
