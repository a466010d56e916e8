"""The built model that a stack serves."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sidecar.stack.errors import StackError
from sidecar.stack.paths import state_folder


@dataclass(frozen=True)
class ModelFiles:
    """`repository` is where versions are built, `version` the newest one's folder in it."""

    repository: Path
    version: Path


def model_files(tell: Callable[[str], None] = lambda _: None) -> ModelFiles:
    """The clone's model, built when it is missing or out of date. Raises StackError.

    In a process of its own: other parts start meanwhile, as another user, which forks this process, and a
    fork waits for ever for threads that multiply matrices (OpenBLAS ends them first).
    """
    repository = state_folder() / "models"
    tell("building what is missing")
    command = [sys.executable, "-P", "-m", "sidecar", "model", "build", "--json", "--output", str(repository)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().removeprefix("Error: ")
        raise StackError(f"the model cannot be built: {reason}")
    return ModelFiles(repository, Path(json.loads(done.stdout)["folder"]))
