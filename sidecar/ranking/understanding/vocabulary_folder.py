"""Vocabularies on disk: <folder>/<index>/<version>/ with checksums, and <folder>/<index>/current naming one.

`names.jsonl` holds a name a line, `words.tsv` a word and the number of titles with it, `manifest.json` what
the version was made of and the files' SHA-256. Lines, so that two versions can be compared, and so that
reading never holds the interpreter for long.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sidecar.domain.understanding import EntityKind
from sidecar.ranking.understanding.vocabulary import MAX_NAMES, MAX_WORDS, Name, Vocabulary

MANIFEST = "manifest.json"
NAMES = "names.jsonl"
WORDS = "words.tsv"
CURRENT = "current"

FORMAT = 1
KEEP = 5
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_MANIFEST_BYTES = 64 * 1024

VERSION_NAME = re.compile(r"\d{6}-[0-9a-f]{8}")
INDEX_NAME = re.compile(r"(?!\.\.?$)[^\s\\/*?\"<>|,#:._+-][^\s\\/*?\"<>|,#:]{0,254}")


class VocabularyError(ValueError):
    """A vocabulary that must not be used, or a folder that holds none. The message says the fix."""


class Manifest(BaseModel):
    """What a version was made of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    index: str
    documents: int = Field(ge=0)
    names: dict[str, int]
    words: int = Field(ge=0)
    created: str
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class Written:
    """What a build answers. `reused`: the current version says the same, and nothing was written."""

    folder: Path
    version: str
    reused: bool


def write_vocabulary(
    folder: Path,
    index: str,
    *,
    names: Sequence[Name],
    words: Mapping[str, int],
    documents: int,
    created: str,
) -> Written:
    """A new version for `index`, made current once it is complete; the newest `KEEP` versions stay.

    `created` is a time in ISO 8601. Raises VocabularyError for a name that no index has, and OSError.
    """
    if not INDEX_NAME.fullmatch(index):
        raise VocabularyError(f"`{index}`: not the name of an index. Name one vocabulary with --as.")
    place = folder / index
    place.mkdir(parents=True, exist_ok=True)
    files = {
        NAMES: "".join(f"{_line(name)}\n" for name in names[:MAX_NAMES]).encode(),
        WORDS: "".join(f"{word}\t{count}\n" for word, count in list(words.items())[:MAX_WORDS]).encode(),
    }
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    mark = hashlib.sha256(json.dumps([FORMAT, documents, sums], sort_keys=True).encode()).hexdigest()[:8]
    known = versions(place)
    current = current_version(place)
    if current in known and current.endswith(mark) and not _problem(place / current):
        return Written(place / current, current, reused=True)
    kinds = {kind.value: sum(1 for name in names if name.kind is kind) for kind in EntityKind}
    manifest = Manifest(
        format=FORMAT,
        index=index,
        documents=documents,
        names=kinds,
        words=len(words),
        created=created,
        files=sums,
    )
    scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=place))
    try:
        for name, content in files.items():
            (scratch / name).write_bytes(content)
        (scratch / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
        scratch.chmod(0o755)
        number = int(known[-1][:6]) + 1 if known else 1
        version = f"{number:06d}-{mark}"
        scratch.rename(place / version)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _point(place, version)
    for old in versions(place)[:-KEEP]:
        shutil.rmtree(place / old, ignore_errors=True)
    return Written(place / version, version, reused=False)


def use_version(place: Path, version: str) -> None:
    """Makes a version current, after looking whether it is whole. Raises VocabularyError."""
    known = versions(place)
    if version not in known:
        raise VocabularyError(f"{place}: no version `{version}`. There are: {', '.join(known) or 'none'}.")
    read_vocabulary(place / version)
    _point(place, version)


def versions(place: Path) -> list[str]:
    """The versions of an index's folder, oldest first."""
    if not place.is_dir():
        return []
    return sorted(path.name for path in place.iterdir() if VERSION_NAME.fullmatch(path.name))


def current_version(place: Path) -> str:
    """What the pointer names; "" where there is none or it names no version."""
    with suppress(OSError, UnicodeDecodeError):
        with (place / CURRENT).open(encoding="utf-8") as file:
            version = file.read(64).strip()
        if VERSION_NAME.fullmatch(version):
            return version
    return ""


def indices(folder: Path) -> list[str]:
    """The names of the indices that have a current version."""
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and current_version(path))


def read_manifest(version: Path) -> Manifest:
    """What a version says of itself. Raises VocabularyError."""
    file = version / MANIFEST
    try:
        return Manifest.model_validate_json(_read(file, MAX_MANIFEST_BYTES))
    except (OSError, ValidationError) as error:
        raise VocabularyError(_damaged(file, error)) from error


def read_vocabulary(version: Path) -> Vocabulary:
    """A version, checked against its checksums, ready to be used. Raises VocabularyError naming the file."""
    manifest = _whole(version)
    names = read_names(version)
    try:
        words = dict(_words(version / WORDS))
    except (OSError, ValueError) as error:
        raise VocabularyError(_damaged(version / WORDS, error)) from error
    return Vocabulary(version.name, manifest.documents, names, words)


def read_names(version: Path) -> list[Name]:
    """The names of a version. Raises VocabularyError."""
    try:
        return list(_names(version / NAMES))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VocabularyError(_damaged(version / NAMES, error)) from error


def _whole(version: Path) -> Manifest:
    """The manifest of a version whose files are as they were written. Raises VocabularyError."""
    manifest = read_manifest(version)
    if manifest.format != FORMAT:
        raise VocabularyError(
            f"{version}: written in format {manifest.format}, and this is format {FORMAT}. Build it again: "
            f"reshelf vocabulary build --index {manifest.index}"
        )
    if problem := _problem(version, manifest):
        raise VocabularyError(problem)
    return manifest


def _problem(version: Path, manifest: Manifest | None = None) -> str:
    """What is wrong with a version's files; "" where they are as they were written."""
    try:
        manifest = manifest or read_manifest(version)
        for name in (NAMES, WORDS):
            found = hashlib.sha256(_read(version / name, MAX_FILE_BYTES)).hexdigest()
            if manifest.files.get(name) != found:
                return _damaged(version / name, "its checksum is not the manifest's")
    except (OSError, VocabularyError) as error:
        return _damaged(version, error)
    return ""


def _read(file: Path, most: int) -> bytes:
    with file.open("rb") as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise VocabularyError(f"{file}: larger than {most:,} bytes. Build it again.")
    return content


def _damaged(place: Path, why: object) -> str:
    return (
        f"{place}: damaged ({why}). Build it again with `reshelf vocabulary build`, or go back with "
        "`reshelf vocabulary use`."
    )


def _line(name: Name) -> str:
    entry = {
        "kind": name.kind.value,
        "phrase": name.phrase,
        "value": name.value,
        "count": name.count,
        "confidence": name.confidence,
    }
    return json.dumps(entry, ensure_ascii=False)


def _names(file: Path) -> Iterator[Name]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number >= MAX_NAMES:
                raise ValueError(f"more than {MAX_NAMES:,} names")
            entry: dict[str, Any] = json.loads(line)
            yield Name(
                EntityKind(entry["kind"]),
                str(entry["phrase"]),
                str(entry["value"]),
                int(entry["count"]),
                float(entry["confidence"]),
            )


def _words(file: Path) -> Iterator[tuple[str, int]]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number >= MAX_WORDS:
                raise ValueError(f"more than {MAX_WORDS:,} words")
            word, _, count = line.rstrip("\n").partition("\t")
            yield word, int(count)


def _point(place: Path, version: str) -> None:
    """The pointer is replaced as a whole: whoever reads it finds the old version or the new one."""
    handle, name = tempfile.mkstemp(prefix=".current-", dir=place)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{version}\n")
        Path(name).chmod(0o644)
        Path(name).replace(place / CURRENT)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
