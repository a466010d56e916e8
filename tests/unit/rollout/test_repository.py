"""Putting a built version where Triton loads it."""

from pathlib import Path

import pytest

from sidecar.model.build import Built, build_model
from sidecar.model.checksums import sha256_of
from sidecar.model.verify import problems
from sidecar.ranking.relevance.triton_control import declared_signature
from sidecar.rollout.admission import CONTRACT, admitted, served_model
from sidecar.rollout.errors import RolloutError
from sidecar.rollout.repository import holds, named, place
from sidecar.rollout.target import name_of
from tests.fixtures.adapters import make_adapter
from tests.fixtures.tiny_bert import make_tiny_bert


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("built")
    weights = make_tiny_bert(folder / "weights")
    (folder / "card").mkdir()
    (folder / "card" / "card.md").write_text("worth it")
    return build_model(
        folder / "models",
        cache=folder / "cache",
        weights=str(weights),
        precision="fp32",
        card=folder / "card",
    )


def test_a_version_arrives_whole_under_its_own_name(built: Built, tmp_path: Path) -> None:
    folder = place(built.folder, tmp_path / "served", name_of(built.folder))
    assert folder == tmp_path / "served" / "bert_reranker_v1"
    assert problems(folder / "1") == []
    assert (folder / "1" / "card" / "card.md").read_text() == "worth it"
    config = (folder / "config.pbtxt").read_text()
    assert 'name: "bert_reranker_v1"' in config
    assert "# The re-ranker" in config, "with its comments"
    assert declared_signature(config) == CONTRACT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["served"], "nothing is left beside it"
    checksum = sha256_of(built.folder / "manifest.json")
    assert holds(tmp_path / "served", "bert_reranker_v1", checksum)
    (folder / "1" / "model.onnx").write_bytes(b"")
    assert not holds(tmp_path / "served", "bert_reranker_v1", checksum)


def test_it_replaces_what_lay_there_and_takes_another_configuration(built: Built, tmp_path: Path) -> None:
    (tmp_path / "served" / "bert_reranker_v1" / "7").mkdir(parents=True)
    config = tmp_path / "gpu.pbtxt"
    config.write_text((built.folder / "config.pbtxt").read_text().replace("KIND_CPU", "KIND_GPU"))
    folder = place(built.folder, tmp_path / "served", "bert_reranker_v1", config)
    assert sorted(path.name for path in folder.iterdir()) == ["1", "config.pbtxt"]
    assert "KIND_GPU" in (folder / "config.pbtxt").read_text()


def test_a_configuration_without_a_name_gets_one() -> None:
    assert named('backend: "python"', "v1") == 'name: "v1"\nbackend: "python"'


def test_a_repository_that_cannot_be_written_is_told(built: Built, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RolloutError, match="cannot be written"):
        place(built.folder, tmp_path / "file" / "served", "bert_reranker_v1")


def test_a_good_version_is_admitted_and_described(built: Built) -> None:
    manifest = admitted(built.folder)
    served = served_model(name_of(built.folder), built.folder, manifest)
    assert (served.model, served.fingerprint) == ("bert_reranker_v1", built.fingerprint)
    assert len(served.weights) == 12


def test_what_is_equal_between_two_versions_is_told(tmp_path: Path) -> None:
    weights = make_tiny_bert(tmp_path / "weights")
    served = []
    for seed, precision in ((1, "fp32"), (2, "fp32"), (2, "int8")):
        version = build_model(
            tmp_path / "models",
            cache=tmp_path / "cache",
            weights=str(weights),
            adapter=str(make_adapter(tmp_path / f"adapter-{seed}", weights, seed=seed)),
            vectors=str(weights),
            precision=precision,
        ).folder
        served.append(served_model(name_of(version), version, admitted(version)))
    first, other_adapter, other_precision = served
    assert first.vectors == other_adapter.vectors != other_precision.vectors
    assert first.weights != other_adapter.weights == other_precision.weights
    assert len({one.fingerprint for one in served}) == len({one.checksum for one in served}) == 3


def test_the_card_is_part_of_the_build(built: Built, tmp_path: Path) -> None:
    models, weights = built.folder.parent.parent, built.folder.parents[2] / "weights"

    def again(**options: Path) -> Built:
        return build_model(models, cache=tmp_path, weights=str(weights), precision="fp32", **options)

    assert again().reused, "without a card any will do"
    assert again(card=models.parent / "card").reused
    other = tmp_path / "other"
    other.mkdir()
    (other / "card.md").write_text("not worth it")
    changed = again(card=other)
    assert (changed.version, changed.fingerprint) == (2, built.fingerprint)


def test_only_built_versions_have_a_name(tmp_path: Path) -> None:
    with pytest.raises(RolloutError, match="reshelf model list"):
        name_of(tmp_path / "weights")
