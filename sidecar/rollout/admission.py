"""What is refused before Triton ever sees it: damaged, incomplete, foreign or outdated versions."""

import json
from pathlib import Path
from typing import Any

from sidecar.config.alias import ServedModel
from sidecar.inference import read_manifest
from sidecar.inference.encoder import LOADERS
from sidecar.inference.model_folder import (
    GRAPH,
    MANIFEST,
    TOKENIZER,
    VECTORS_GRAPH,
    VECTORS_TOKENIZER,
    Manifest,
)
from sidecar.model.build import CONFIGURATION
from sidecar.model.checksums import sha256_of, sha256_of_text
from sidecar.model.verify import problems
from sidecar.ranking.relevance.triton_control import ControlError, Signature, declared_signature
from sidecar.rollout.errors import RolloutError

CONTRACT = Signature(
    {"QUERY": "BYTES", "TEXT": "BYTES"}, {"SCORE": "FP32", "VECTOR": "FP32", "MODEL": "BYTES"}
)
"""What sidecars of this version send, and read of the answer (triton_models/bert_reranker/config.pbtxt)."""

WEIGHTS_KEYS = ("kind", "architecture", "weights", "adapter", "vectors", "max_length", "text_max_length")
"""What of a manifest decides the scores, but for precision and code."""


def admitted(version: Path, config: Path | None = None) -> Manifest:
    """The manifest of a version that may serve; `config` replaces its config.pbtxt.

    Raises RolloutError naming everything that is wrong.
    """
    found = problems(version)
    if not found:
        manifest = read_manifest(version)
        found = [*_foreign(version, manifest), *_outdated(config or version / CONFIGURATION)]
    if found:
        lines = "\n".join(f"  {line}" for line in found)
        raise RolloutError(
            f"version {version.name} is refused:\n{lines}\nBuild it again: `reshelf model build`."
        )
    return manifest


def check_signature(found: Signature, source: str) -> None:
    """Raise RolloutError for a model that sidecars of this version cannot ask."""
    if wrong := _differences(found):
        raise RolloutError(f"{source} is of another contract: {'; '.join(wrong)}.")


def served_model(name: str, version: Path, manifest: Manifest) -> ServedModel:
    """What the alias says of it."""
    data = json.loads((version / MANIFEST).read_text(encoding="utf-8"))
    return ServedModel(
        model=name,
        fingerprint=manifest.fingerprint,
        weights=_weights(data),
        vectors=_vectors(manifest),
        checksum=sha256_of(version / MANIFEST),
    )


def _weights(data: dict[str, Any]) -> str:
    decides = [data.get(key) for key in WEIGHTS_KEYS]
    return sha256_of_text(json.dumps(decides, sort_keys=True))[:12]


def _vectors(manifest: Manifest) -> str:
    """Of the files that make vectors: a new adapter leaves them as they are."""
    graph = VECTORS_GRAPH if VECTORS_GRAPH in manifest.files else GRAPH
    tokenizer = VECTORS_TOKENIZER if VECTORS_TOKENIZER in manifest.files else TOKENIZER
    decides = [manifest.files.get(graph), manifest.files.get(tokenizer), manifest.text_max_length]
    return sha256_of_text(json.dumps(decides))[:12]


def _foreign(version: Path, manifest: Manifest) -> list[str]:
    if manifest.kind in LOADERS:
        return []
    return [f"{version / MANIFEST}: a `{manifest.kind}`; this reshelf runs {' and '.join(LOADERS)}."]


def _outdated(config: Path) -> list[str]:
    try:
        found = declared_signature(config.read_text(encoding="utf-8"))
    except OSError:
        return [f"{config}: missing: built by a reshelf of an older contract."]
    except (ControlError, UnicodeDecodeError) as error:
        return [f"{config}: cannot be read: {error}"]
    return [f"{config}: another contract: {wrong}." for wrong in _differences(found)]


def _differences(found: Signature) -> list[str]:
    """Inputs must be exactly ours; further outputs do no harm."""
    wrong = []
    if dict(found.inputs) != dict(CONTRACT.inputs):
        wrong.append(f"inputs {_told(found.inputs)}, not {_told(CONTRACT.inputs)}")
    missing = {name: kind for name, kind in CONTRACT.outputs.items() if found.outputs.get(name) != kind}
    if missing:
        wrong.append(f"no output {_told(missing)}")
    return wrong


def _told(tensors: Any) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in tensors.items()) or "none"
