"""Makes one version of a model's folder: graph, tokenizer, manifest, and the code that runs them."""

import fcntl
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sidecar.inference
from sidecar.inference.bi_encoder import BiEncoder
from sidecar.inference.model_folder import FORMAT, GRAPH, MANIFEST, TOKENIZER, ModelFolderError
from sidecar.model.bert import Bert, read_bert, read_weights
from sidecar.model.checksums import sha256_of, sha256_of_text
from sidecar.model.errors import ModelError
from sidecar.model.folders import MODEL, newest_version, version_folders
from sidecar.model.progress import Progress, silent
from sidecar.model.verify import problems
from sidecar.model.weights import DEFAULT, WeightsFolder, find_weights

RECIPE = 1
"""Goes up whenever the same weights would give other scores, so that cached scores are not mixed."""
MAX_LENGTHS = range(64, 257)
DEFAULT_MAX_LENGTH = 64
KEEP = 3
TEMPLATE = Path(__file__).resolve().parents[2] / "triton_models" / MODEL


@dataclass(frozen=True)
class Built:
    """What a build answers. `reused`: an equal version was there already and nothing was written."""

    folder: Path
    version: int
    fingerprint: str
    reused: bool


def build_model(
    output: Path,
    *,
    cache: Path,
    weights: str = DEFAULT,
    precision: str = "int8",
    max_length: int = DEFAULT_MAX_LENGTH,
    force: bool = False,
    progress: Progress = silent,
) -> Built:
    """Makes `output`/bert_reranker/<next version>, unless the newest version is the same already.

    output: a Triton model repository. cache: where downloaded weights are kept. precision: "int8" or
    "fp32". max_length: tokens read of a text, 64 to 256. Old versions but the newest `KEEP` are removed.
    Safe to run several times at once. Raises ModelError.
    """
    try:
        return _build(output, cache, weights, precision, max_length, force, progress)
    except ModelFolderError as error:
        raise ModelError(f"the built model cannot be loaded: {error}") from error
    except OSError as error:
        raise ModelError(
            f"{output}: cannot be written: {error}. Is the folder yours, and the disk not full?"
        ) from error


def _build(
    output: Path, cache: Path, weights: str, precision: str, max_length: int, force: bool, progress: Progress
) -> Built:
    from sidecar.model.precision import PRECISIONS

    if precision not in PRECISIONS:
        raise ModelError(f"precision {precision!r}: choose one of {', '.join(PRECISIONS)}.")
    if max_length not in MAX_LENGTHS:
        raise ModelError(f"max_length {max_length}: choose {MAX_LENGTHS.start} to {MAX_LENGTHS.stop - 1}.")
    if not (TEMPLATE / "1" / "model.py").is_file():
        raise ModelError(f"{TEMPLATE}: not there. Models are built in a clone of the repository.")
    progress("weights")
    source = find_weights(weights, cache)
    bert = read_bert(source.folder)
    if max_length > bert.positions:
        raise ModelError(f"max_length {max_length}: these weights know {bert.positions} positions at most.")
    manifest = _describe(source, bert, precision, max_length)
    model = output / MODEL
    model.mkdir(parents=True, exist_ok=True)
    with _only_one(model):
        newest = newest_version(model)
        if newest is not None and not force and _same(newest, manifest):
            _copy_configuration(model)
            return Built(newest, int(newest.name), manifest["fingerprint"], reused=True)
        version = int(newest.name) + 1 if newest is not None else 1
        scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=model))
        try:
            progress("graph, calibrated" if precision == "int8" else "graph")
            _write_graph(source, bert, precision, scratch)
            shutil.copyfile(source.folder / TOKENIZER, scratch / TOKENIZER)
            _copy_code(scratch)
            progress("check")
            _check(scratch, manifest)
            _copy_configuration(model)
            # Triton watches for numbered folders: it must never see a half made one.
            scratch.chmod(0o755)
            scratch.rename(model / str(version))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        for old in version_folders(model)[:-KEEP]:
            shutil.rmtree(old, ignore_errors=True)
    return Built(model / str(version), version, manifest["fingerprint"], reused=False)


def _describe(source: WeightsFolder, bert: Bert, precision: str, max_length: int) -> dict[str, Any]:
    """The manifest but for the files' checksums. The fingerprint follows from the inputs alone, so that it
    is the same on every machine and known before anything is built."""
    weights = {
        "source": source.source,
        "sha256": sha256_of(source.folder / "model.safetensors"),
        "tokenizer_sha256": sha256_of(source.folder / TOKENIZER),
    }
    shape = {"layers": bert.layers, "heads": bert.heads, "pooling": bert.pooling, "epsilon": bert.epsilon}
    decides = [
        RECIPE,
        BiEncoder.KIND,
        precision,
        max_length,
        shape,
        weights["sha256"],
        weights["tokenizer_sha256"],
    ]
    return {
        "format": FORMAT,
        "fingerprint": f"{source.name}-{precision}@{sha256_of_text(json.dumps(decides))[:8]}",
        "kind": BiEncoder.KIND,
        "precision": precision,
        "max_length": max_length,
        "dimensions": bert.dimensions,
        "recipe": RECIPE,
        "architecture": shape,
        "weights": weights,
    }


def _write_graph(source: WeightsFolder, bert: Bert, precision: str, folder: Path) -> None:
    import onnx

    from sidecar.model.calibration import activation_ranges
    from sidecar.model.graph import Linear, build_graph
    from sidecar.model.precision import Int8, float32

    weights = read_weights(source.folder, bert)
    linear: Linear = float32
    if precision == "int8":
        linear = Int8(activation_ranges(bert, weights, source.folder / TOKENIZER))
    onnx.save(build_graph(bert, weights, linear), str(folder / GRAPH))


def _code_files() -> dict[Path, Path]:
    """Where the code of a version folder comes from: name in the folder → source."""
    package = Path(sidecar.inference.__file__).parent
    files = {Path("inference") / source.name: source for source in sorted(package.glob("*.py"))}
    return {Path("model.py"): TEMPLATE / "1" / "model.py", **files}


def _copy_code(folder: Path) -> None:
    for name, source in _code_files().items():
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(source, folder / name)


def _copy_configuration(model: Path) -> None:
    """Puts config.pbtxt in place, in one step: Triton may read it at any moment."""
    scratch = model / ".config.pbtxt"
    shutil.copyfile(TEMPLATE / "config.pbtxt", scratch)
    scratch.replace(model / "config.pbtxt")


def _same(version: Path, manifest: dict[str, Any]) -> bool:
    """Whether that version is what would be built, down to the code, and undamaged."""
    try:
        there = json.loads((version / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(there, dict) or there.get("fingerprint") != manifest["fingerprint"]:
        return False
    files = there.get("files", {})
    code = {name.as_posix(): sha256_of(source) for name, source in _code_files().items()}
    return all(files.get(name) == checksum for name, checksum in code.items()) and not problems(version)


def _check(folder: Path, manifest: dict[str, Any]) -> None:
    """Completes the manifest, then loads what was built and scores with it. Raises ModelError."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest["files"] = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    encoder = sidecar.inference.Encoder.load(folder, cache_bytes=0)
    scored = encoder.score(["red shoes"] * 2, ["red shoes", "a kettle for two cups"])
    if not (scored.vectors.shape == (2, manifest["dimensions"]) and scored.scores[0] > scored.scores[1]):
        raise ModelError(
            f"the built model does not work: an equal text and another score {scored.scores.tolist()}. "
            "Are these weights of an embedding model?"
        )


@contextmanager
def _only_one(model: Path) -> Iterator[None]:
    """Keeps two builds of one model apart; the second waits, then finds the first one's work."""
    with (model / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
