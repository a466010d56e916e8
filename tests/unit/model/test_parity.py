"""The graph that we write computes what transformers computes from the same weights."""

from pathlib import Path

import numpy as np
import pytest

from sidecar.inference import Encoder
from sidecar.model.build import build_model
from sidecar.model.weights import find_weights
from tests.fixtures.tiny_bert import make_tiny_bert

torch = pytest.importorskip("torch", reason="needs reshelf[train]: the original weights run with torch")
transformers = pytest.importorskip("transformers", reason="needs reshelf[train]")

TEXTS = [
    "red shoe",
    "",
    "kettle steel mug red blue garden pan lamp chair cotton",
    "a b c d e " * 40,
    "红 鞋 shoe",
    "red shoe kettle and lamp with few strangers pan mug",
]


def original_vectors(folder: Path, texts: list[str], pooling: str, max_length: int = 64) -> np.ndarray:
    """Unit vectors by transformers and torch, each text alone: float32 [n, d]."""
    model = transformers.AutoModel.from_pretrained(folder).eval()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )
    vectors = []
    with torch.no_grad():
        for text in texts:
            tokens = tokenizer(
                text, truncation=True, max_length=max_length, padding=False, return_tensors="pt"
            )
            hidden = model(tokens["input_ids"], attention_mask=tokens["attention_mask"]).last_hidden_state[0]
            vector = hidden[0] if pooling == "cls" else hidden[: int(tokens["attention_mask"].sum())].mean(0)
            vectors.append(torch.nn.functional.normalize(vector, dim=0).numpy())
    return np.array(vectors)


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_fp32_equals_the_original(tmp_path: Path, pooling: str) -> None:
    folder = make_tiny_bert(tmp_path / "weights", pooling="cls_token" if pooling == "cls" else "mean_tokens")
    built = build_model(tmp_path / "models", cache=tmp_path, weights=str(folder), precision="fp32")
    ours = Encoder.load(built.folder).score(TEXTS, TEXTS).vectors
    assert ours == pytest.approx(original_vectors(folder, TEXTS, pooling), abs=2e-5)


@pytest.mark.parametrize("pooling", ["mean_tokens", "cls_token"])
def test_int8_is_near_fp32(tmp_path: Path, pooling: str) -> None:
    folder = make_tiny_bert(tmp_path / "weights", pooling=pooling)
    exact, quick = (
        Encoder.load(build_model(tmp_path / p, cache=tmp_path, weights=str(folder), precision=p).folder)
        .score(TEXTS, TEXTS)
        .vectors
        for p in ("fp32", "int8")
    )
    assert (exact * quick).sum(axis=1).min() > 0.995
    assert not np.array_equal(exact, quick)


def test_folders_in_older_formats_are_converted(tmp_path: Path) -> None:
    folder = make_tiny_bert(tmp_path / "weights", pooling="cls_token")
    expected = original_vectors(folder, TEXTS, "cls")
    model = transformers.AutoModel.from_pretrained(folder)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    ).save_pretrained(folder)
    (folder / "model.safetensors").unlink()
    built = build_model(tmp_path / "models", cache=tmp_path / "cache", weights=str(folder), precision="fp32")
    assert Encoder.load(built.folder).score(TEXTS, TEXTS).vectors == pytest.approx(expected, abs=2e-5)
    again = build_model(tmp_path / "models", cache=tmp_path / "cache", weights=str(folder), precision="fp32")
    assert again.reused
    assert len(list((tmp_path / "cache" / "weights").iterdir())) == 1


def test_hub_names_are_loaded_by_the_hub_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="needs reshelf[train]")
    folder = make_tiny_bert(tmp_path / "weights")
    asked = []

    def download(name: str, **options: object) -> str:
        asked.append(name)
        return str(folder)

    monkeypatch.setattr(hub, "snapshot_download", download)
    found = find_weights("some-owner/Tiny_BERT.v1", tmp_path / "cache")
    assert asked == ["some-owner/Tiny_BERT.v1"]
    assert (found.name, found.source, found.folder) == ("tiny-bert-v1", "some-owner/Tiny_BERT.v1", folder)
