"""Vocabularies on disk: written whole, checked when read, rolled back, damaged ones refused."""

import json
from pathlib import Path

import pytest

from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary_folder import (
    KEEP,
    MANIFEST,
    NAMES,
    WORDS,
    VocabularyError,
    current_version,
    indices,
    read_vocabulary,
    use_version,
    versions,
    write_vocabulary,
)
from tests.fixtures.shop_vocabulary import shop_harvest, shop_vocabulary
from tests.fixtures.vocabularies import FOXMOOR, write


def test_a_vocabulary_reads_as_it_was_written(tmp_path: Path) -> None:
    harvest = shop_harvest()
    written = write_vocabulary(
        tmp_path,
        "shop",
        names=harvest.names(),
        words=harvest.words(),
        documents=harvest.documents,
        created="2027-01-01T00:00:00+00:00",
    )
    found = read_vocabulary(written.folder)
    assert found.version == written.version == current_version(tmp_path / "shop")
    assert (found.documents, found.words) == (2000, shop_vocabulary().words)
    assert found.size == shop_vocabulary().size
    for query in ("foxmor sandals", "红色沙发", "hearth and rye pan 28cm"):
        ours, theirs = Reader(shop_vocabulary()).read(query), Reader(found).read(query)
        assert (ours.entities, ours.corrected) == (theirs.entities, theirs.corrected)


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    first = write(tmp_path, FOXMOOR)
    again = write(tmp_path, FOXMOOR)
    assert again.reused
    assert again.version == first.version
    other = write(tmp_path, FOXMOOR, documents=11)
    assert not other.reused
    assert versions(tmp_path / "shop") == [first.version, other.version]
    assert other.version.startswith("000002-")


def test_rolling_back_and_building_again(tmp_path: Path) -> None:
    first, second = write(tmp_path, FOXMOOR), write(tmp_path)
    place = tmp_path / "shop"
    use_version(place, first.version)
    assert current_version(place) == first.version
    third = write(tmp_path)
    assert third.version.startswith("000003-")
    assert current_version(place) == third.version
    with pytest.raises(VocabularyError, match=f"There are: {first.version}, {second.version}"):
        use_version(place, "000009-00000000")


def test_old_versions_go(tmp_path: Path) -> None:
    written = [write(tmp_path, documents=number) for number in range(KEEP + 3)]
    assert versions(tmp_path / "shop") == [one.version for one in written[-KEEP:]]
    assert sorted(path.name for path in (tmp_path / "shop").iterdir()) == [
        *versions(tmp_path / "shop"),
        "current",
    ]


def test_only_indices_with_a_current_version_are_there(tmp_path: Path) -> None:
    write(tmp_path, index="shop")
    write(tmp_path, index="other-shop")
    (tmp_path / "empty").mkdir()
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "current").write_text("../../etc")
    assert indices(tmp_path) == ["other-shop", "shop"]
    assert indices(tmp_path / "nowhere") == []


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a b", "", "_all", "-x", "a*", "x" * 300])
def test_names_that_no_index_has_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(VocabularyError, match="--as"):
        write(tmp_path, index=name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", [NAMES, WORDS, MANIFEST])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "bytes"])
def test_a_damaged_version_is_refused_by_name(tmp_path: Path, file: str, damage: str) -> None:
    folder = write(tmp_path, FOXMOOR).folder
    path = folder / file
    content = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "changed":
            path.write_bytes(content.replace(b"1", b"2").replace(b"4", b"5"))
        case "gone":
            path.unlink()
        case "bytes":
            path.write_bytes(b"\xff\x00" * 10)
    with pytest.raises(VocabularyError, match=r"Build it again") as refused:
        read_vocabulary(folder)
    assert str(folder) in str(refused.value)


def test_another_format_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, FOXMOOR).folder
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "format": 2}))
    with pytest.raises(VocabularyError, match="format 2, and this is format 1"):
        read_vocabulary(folder)


def test_a_build_over_a_damaged_version_makes_a_new_one(tmp_path: Path) -> None:
    first = write(tmp_path, FOXMOOR)
    (first.folder / NAMES).write_text("")
    second = write(tmp_path, FOXMOOR)
    assert not second.reused
    assert read_vocabulary(second.folder).size == 1
