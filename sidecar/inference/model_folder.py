"""The versioned folder that `reshelf model build` makes: manifest.json, graphs, tokenizer.json, code.

A bi-encoder has one graph, model.onnx: texts to vectors. A cross-encoder's model.onnx scores pairs; its
vectors.onnx makes the vectors, where it makes any, and has a tokenizer of its own where it needs another.
"""

import json
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
GRAPH = "model.onnx"
VECTORS_GRAPH = "vectors.onnx"
TOKENIZER = "tokenizer.json"
VECTORS_TOKENIZER = "vectors-tokenizer.json"
FORMAT = 1
"""The manifest's format; a folder of another format must be built again."""


class ModelFolderError(ValueError):
    """A model folder that cannot be used. The message names the folder and the fix."""


@dataclass(frozen=True)
class Manifest:
    """What a model folder says of itself. `fingerprint` changes with anything that changes a score.

    `max_length`: tokens read of what is scored, a text or a pair. `text_max_length`: tokens read of a text
    that becomes a vector. `dimensions`: of a vector, 0 where the model makes none.
    """

    fingerprint: str
    kind: str
    precision: str
    max_length: int
    text_max_length: int
    dimensions: int
    files: dict[str, str]


def find_version_folder(folder: Path) -> Path:
    """The folder holding the manifest: `folder`, or its highest-numbered version.

    Raises ModelFolderError when there is none.
    """
    if (folder / MANIFEST).is_file():
        return folder
    versions = [
        child for child in folder.glob("[0-9]*") if child.name.isdigit() and (child / MANIFEST).is_file()
    ]
    if not versions:
        raise ModelFolderError(f"{folder}: no built model there. Run `reshelf model build`.")
    return max(versions, key=lambda child: int(child.name))


def read_manifest(version_folder: Path) -> Manifest:
    """The manifest of a version folder. Raises ModelFolderError when it cannot be used."""
    path = version_folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{path}: cannot be read ({error}). Run `reshelf model build`.") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ModelFolderError(f"{path}: made by another version of reshelf. Run `reshelf model build`.")
    try:
        return Manifest(
            fingerprint=str(data["fingerprint"]),
            kind=str(data["kind"]),
            precision=str(data["precision"]),
            max_length=int(data["max_length"]),
            # A bi-encoder scores what it embeds, and need not say so.
            text_max_length=int(data["text_max_length" if "text_max_length" in data else "max_length"]),
            dimensions=int(data["dimensions"]),
            files=dict(data["files"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFolderError(f"{path}: incomplete ({error!r}). Run `reshelf model build`.") from error
