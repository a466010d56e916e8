"""Installs pinned packages with pip or uv, whichever this environment has, by their ordinary commands."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from sidecar.model.errors import ModelError


def installer() -> list[str]:
    """The start of an install command: this interpreter's pip, or uv. Raises ModelError without either."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.is_file() else shutil.which("uv")
    if uv is None:
        raise ModelError(
            "neither pip nor uv found, so nothing can be downloaded. "
            f"Run `{sys.executable} -m ensurepip`, or install uv."
        )
    return [uv, "pip", "install", "--quiet", "--python", sys.executable]


def install_files(requirements: Path, target: Path) -> None:
    """Puts the packages of `requirements` (pinned, with hashes, without what they depend on) into `target`.

    Raises ModelError with the installer's own words.
    """
    command = [
        *installer(),
        "--no-deps",
        "--require-hashes",
        "--target",
        str(target),
        "-r",
        str(requirements),
    ]
    outcome = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if outcome.returncode:
        words = (outcome.stderr or outcome.stdout).strip()[-2000:]
        raise ModelError(
            f"{requirements.name} could not be installed; is the package index reachable?\n{words}"
        )
