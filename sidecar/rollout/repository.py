"""Triton's model repository, as far as it is ours: one folder for each built version that is served."""

import re
import shutil
import tempfile
from pathlib import Path

from sidecar.inference.model_folder import MANIFEST
from sidecar.model.build import CONFIGURATION
from sidecar.model.checksums import sha256_of
from sidecar.model.verify import problems
from sidecar.rollout.errors import RolloutError

VERSION = "1"
"""Each name has one version: what changes is the name."""
NAME_LINE = re.compile(r'^\s*name:\s*"[^"]*"[^\n]*', re.MULTILINE)


def holds(repository: Path, name: str, checksum: str) -> bool:
    """Whether that very version is there and undamaged."""
    folder = repository / name / VERSION
    return (
        (folder / MANIFEST).is_file()
        and sha256_of(folder / MANIFEST) == checksum
        and (repository / name / CONFIGURATION).is_file()
        and not problems(folder)
    )


def place(version: Path, repository: Path, name: str, config: Path | None = None) -> Path:
    """Copies a version to `repository`/`name`, all at once, and compares what arrived; answers the folder.

    What lies there under that name is replaced. Raises RolloutError.
    """
    try:
        repository.mkdir(parents=True, exist_ok=True)
        scratch = _scratch(repository)
    except OSError as error:
        raise RolloutError(f"{repository}: cannot be written: {error}. Name it with --repository.") from error
    try:
        shutil.copytree(version, scratch / VERSION, ignore=shutil.ignore_patterns("__pycache__"))
        if wrong := problems(scratch / VERSION):
            raise RolloutError(f"{version} did not arrive whole in {repository}: {wrong[0]} Try again.")
        text = (config or version / CONFIGURATION).read_text(encoding="utf-8")
        (scratch / CONFIGURATION).write_text(named(text, name), encoding="utf-8")
        scratch.chmod(0o755)
        remove(repository, name)
        scratch.rename(repository / name)
    except OSError as error:
        raise RolloutError(f"{repository}: cannot be written: {error}. Is the disk full?") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return repository / name


def remove(repository: Path, name: str) -> None:
    """Takes a model out of the repository; its built version stays where it was built."""
    shutil.rmtree(repository / name, ignore_errors=True)


def named(config: str, name: str) -> str:
    """A config.pbtxt under another name: Triton wants the folder's."""
    line = f'name: "{name}"'
    return NAME_LINE.sub(line, config, count=1) if NAME_LINE.search(config) else f"{line}\n{config}"


def _scratch(repository: Path) -> Path:
    """A folder on the same file system, where Triton does not look if that can be had."""
    beside = Path(tempfile.mkdtemp(prefix=f".{repository.name}-", dir=repository.parent))
    if beside.stat().st_dev == repository.stat().st_dev:
        return beside
    beside.rmdir()
    return Path(tempfile.mkdtemp(prefix=".arriving-", dir=repository))
