"""Makes one version of a model's folder: graph, tokenizer, manifest, and the code that runs them."""

import fcntl
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import sidecar.inference
from sidecar.inference.cross_encoder import CrossEncoder
from sidecar.inference.model_folder import MANIFEST, ModelFolderError
from sidecar.model.checksums import sha256_of
from sidecar.model.errors import ModelError
from sidecar.model.folders import MODEL, newest_version, version_folders
from sidecar.model.progress import Progress, silent
from sidecar.model.verify import problems
from sidecar.model.weights import DEFAULT

if TYPE_CHECKING:
    from sidecar.model.recipe import Recipe

KEEP = 3
CONFIGURATION = "config.pbtxt"
CARD = "card"
"""The folder of a version that holds its evaluation's card, where it has one."""
TEMPLATE = Path(__file__).resolve().parents[2] / "triton_models" / MODEL


@dataclass(frozen=True)
class Built:
    """What a build answers. `reused`: an equal version was there already and nothing was written."""

    folder: Path
    version: int
    fingerprint: str
    kind: str
    reused: bool


def build_model(
    output: Path,
    *,
    cache: Path,
    weights: str = DEFAULT,
    adapter: str = "default",
    vectors: str = DEFAULT,
    precision: str = "int8",
    max_length: int | None = None,
    card: Path | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> Built:
    """Makes `output`/bert_reranker/<next version>, unless the newest version is the same already.

    output: a Triton model repository. cache: where downloaded weights are kept.
    adapter: "default" (the shipped one; none for other weights than the default ones), "none" or a folder.
    With an adapter, or with weights that have a classifier, a cross-encoder is built, else a bi-encoder.
    vectors: the weights that make a cross-encoder's vectors, or "none". precision: "int8" or "fp32".
    max_length: tokens read of a text, 64 to 256 (a bi-encoder; 64 if None or 0), or of a pair, 64 to 512 (a
    cross-encoder; 96 if None or 0). card: a folder (`reshelf evaluate --card`) that is copied in; another one
    makes a new version. Old versions but the newest `KEEP` are removed. Safe to run several
    times at once. Raises ModelError.
    """
    try:
        if not (TEMPLATE / "1" / "model.py").is_file():
            raise ModelError(f"{TEMPLATE}: not there. Models are built in a clone of the repository.")
        from sidecar.model.recipe import decide

        progress("weights")
        recipe = decide(
            cache=cache,
            weights=weights,
            adapter=adapter,
            vectors=vectors,
            precision=precision,
            max_length=max_length,
        )
        if card is not None and not card.is_dir():
            raise ModelError(f"card {card}: no such folder. `reshelf evaluate --card` writes one.")
        return _build(output, recipe, card, force, progress)
    except ModelFolderError as error:
        raise ModelError(f"the built model cannot be loaded: {error}") from error
    except OSError as error:
        raise ModelError(
            f"{output}: cannot be written: {error}. Is the folder yours, and the disk not full?"
        ) from error


def _build(output: Path, recipe: "Recipe", card: Path | None, force: bool, progress: Progress) -> Built:
    from sidecar.model.graphs import write_graphs

    manifest = recipe.manifest()
    model = output / MODEL
    model.mkdir(parents=True, exist_ok=True)
    with _only_one(model):
        newest = newest_version(model)
        if newest is not None and not force and _same(newest, manifest, card):
            _copy_configuration(model)
            return Built(newest, int(newest.name), manifest["fingerprint"], recipe.kind, reused=True)
        version = int(newest.name) + 1 if newest is not None else 1
        scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=model))
        try:
            progress("graph, calibrated" if recipe.precision == "int8" else "graph")
            write_graphs(recipe, scratch)
            _copy_files(scratch, card)
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
    return Built(model / str(version), version, manifest["fingerprint"], recipe.kind, reused=False)


def _copied_files(card: Path | None) -> dict[Path, Path]:
    """What is copied into a version folder, its code above all: name in the folder → source."""
    package = Path(sidecar.inference.__file__).parent
    files = {Path("inference") / source.name: source for source in sorted(package.glob("*.py"))}
    if card is not None:
        found = sorted(path for path in card.rglob("*") if path.is_file())
        files |= {CARD / source.relative_to(card): source for source in found}
    own = {Path("model.py"): TEMPLATE / "1" / "model.py", Path(CONFIGURATION): TEMPLATE / CONFIGURATION}
    return {**own, **files}


def _copy_files(folder: Path, card: Path | None) -> None:
    for name, source in _copied_files(card).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / name)


def _copy_configuration(model: Path) -> None:
    """Puts config.pbtxt in place, in one step: Triton may read it at any moment."""
    scratch = model / ".config.pbtxt"
    shutil.copyfile(TEMPLATE / CONFIGURATION, scratch)
    scratch.replace(model / CONFIGURATION)


def _same(version: Path, manifest: dict[str, Any], card: Path | None) -> bool:
    """Whether that version is what would be built, down to the code, and undamaged."""
    try:
        there = json.loads((version / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(there, dict) or there.get("fingerprint") != manifest["fingerprint"]:
        return False
    files = there.get("files", {})
    copied = {name.as_posix(): sha256_of(source) for name, source in _copied_files(card).items()}
    return all(files.get(name) == checksum for name, checksum in copied.items()) and not problems(version)


def _check(folder: Path, manifest: dict[str, Any]) -> None:
    """Completes the manifest, then loads what was built and scores with it. Raises ModelError."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    manifest["files"] = {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    encoder = sidecar.inference.Encoder.load(folder, cache_bytes=0)
    queries, texts = ["red shoes"] * 2, ["red shoes", "a kettle for two cups"]
    scores, vectors = encoder.score(queries, texts).scores, encoder.embed(texts)
    works = vectors.shape == (2, manifest["dimensions"]) and bool(np.isfinite(vectors).all())
    if manifest["kind"] == CrossEncoder.KIND:
        works = works and bool(np.isfinite(scores).all()) and scores[0] != scores[1]
    else:
        works = works and bool(scores[0] > scores[1])
    if not works:
        raise ModelError(
            f"the built model does not work: an equal text and another score {scores.tolist()}. "
            "Are these weights of an embedding model, or of a trained cross-encoder?"
        )


@contextmanager
def _only_one(model: Path) -> Iterator[None]:
    """Keeps two builds of one model apart; the second waits, then finds the first one's work."""
    with (model / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
