"""The built model that a stack serves."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sidecar.model.build import build_model
from sidecar.model.errors import ModelError
from sidecar.stack.errors import StackError
from sidecar.stack.paths import cache_folder, state_folder


@dataclass(frozen=True)
class ModelFiles:
    """`repository` is where versions are built, `version` the newest one's folder in it."""

    repository: Path
    version: Path


def model_files(tell: Callable[[str], None] = lambda _: None) -> ModelFiles:
    """The clone's model, built when it is missing or out of date. Raises StackError."""
    repository = state_folder() / "models"
    try:
        built = build_model(repository, cache=cache_folder(), progress=tell)
    except ModelError as error:
        raise StackError(f"the model cannot be built: {error}") from error
    return ModelFiles(repository, built.folder)
