"""Vocabularies that come, change and break while searches go on."""

import asyncio
import shutil
from pathlib import Path

from sidecar.ranking.understanding.vocabularies import Vocabularies
from sidecar.ranking.understanding.vocabulary_folder import NAMES, use_version
from sidecar.telemetry.metrics import Metrics
from tests.fixtures.vocabularies import FOXMOOR, write


def sample(metrics: Metrics, name: str) -> float | None:
    return metrics.registry.get_sample_value(name)


def version_of(vocabularies: Vocabularies, index: str = "shop") -> str:
    return vocabularies.reader_for(index).read("foxmoor").vocabulary


def test_an_absent_folder_is_no_error(tmp_path: Path) -> None:
    metrics = Metrics()
    vocabularies = Vocabularies(tmp_path / "later", 1, metrics)
    vocabularies.look()
    assert version_of(vocabularies) == ""
    written = write(tmp_path / "later", FOXMOOR)
    vocabularies.look()
    assert version_of(vocabularies) == written.version
    assert sample(metrics, "reshelf_vocabularies") == 1


def test_which_vocabulary_an_index_gets(tmp_path: Path) -> None:
    shop = write(tmp_path, FOXMOOR).version
    vocabularies = Vocabularies(tmp_path, 1, Metrics())
    vocabularies.look()
    assert version_of(vocabularies, "shop-*") == "", "never another index's"
    other = write(tmp_path, index="other", documents=20).version
    vocabularies.look()
    assert version_of(vocabularies, "shop") == shop
    assert version_of(vocabularies, "other") == other
    assert version_of(vocabularies, "shop,other") == "", "none of several"
    default = write(tmp_path, index="default", documents=30).version
    vocabularies.look()
    assert version_of(vocabularies, "") == default
    assert version_of(vocabularies, "shop") == shop


def test_a_new_version_is_taken_and_an_old_one_again(tmp_path: Path) -> None:
    first = write(tmp_path)
    vocabularies = Vocabularies(tmp_path, 1, Metrics())
    vocabularies.look()
    reader = vocabularies.reader_for("shop")
    vocabularies.look()
    assert vocabularies.reader_for("shop") is reader, "what has not changed is not read again"
    second = write(tmp_path, FOXMOOR)
    vocabularies.look()
    assert version_of(vocabularies) == second.version
    assert vocabularies.reader_for("shop").read("foxmoor").entities
    use_version(tmp_path / "shop", first.version)
    vocabularies.look()
    assert version_of(vocabularies) == first.version


def test_a_damaged_version_is_refused_once_and_the_old_one_stays(tmp_path: Path, caplog) -> None:
    metrics = Metrics()
    first = write(tmp_path)
    vocabularies = Vocabularies(tmp_path, 1, metrics)
    vocabularies.look()
    second = write(tmp_path, FOXMOOR)
    whole = (second.folder / NAMES).read_bytes()
    (second.folder / NAMES).write_bytes(whole[:-5])
    for _ in range(3):
        vocabularies.look()
    assert version_of(vocabularies) == first.version
    assert sample(metrics, "reshelf_vocabularies_refused_total") == 1
    assert "checksum" in caplog.text
    (second.folder / NAMES).write_bytes(whole)
    vocabularies.look()
    assert version_of(vocabularies) == second.version, "mended"


def test_a_vocabulary_that_is_removed_is_no_longer_used(tmp_path: Path) -> None:
    write(tmp_path, FOXMOOR)
    vocabularies = Vocabularies(tmp_path, 1, Metrics())
    vocabularies.look()
    shutil.rmtree(tmp_path / "shop")
    vocabularies.look()
    assert version_of(vocabularies) == ""


async def test_the_watch_takes_what_comes(tmp_path: Path) -> None:
    vocabularies = Vocabularies(tmp_path, 0.01, Metrics())
    watch = asyncio.create_task(vocabularies.watch())
    written = write(tmp_path, FOXMOOR)
    for _ in range(1000):
        if version_of(vocabularies):
            break
        await asyncio.sleep(0.01)
    assert version_of(vocabularies) == written.version
    watch.cancel()
