"""The layout of a Triton model repository: <repository>/bert_reranker/<version>/."""

from pathlib import Path

from sidecar.inference.model_folder import MANIFEST

MODEL = "bert_reranker"


def version_folders(model: Path) -> list[Path]:
    """The built versions of a model, oldest first."""
    found = [
        folder for folder in model.glob("[0-9]*") if folder.name.isdigit() and (folder / MANIFEST).is_file()
    ]
    return sorted(found, key=lambda folder: int(folder.name))


def newest_version(model: Path) -> Path | None:
    """The version that Triton and the in-process scorer load."""
    return next(reversed(version_folders(model)), None)


def served_folders(repository: Path) -> dict[str, Path]:
    """The version folder of each model that a roll-out has put into a repository, by its name on Triton."""
    found = sorted(repository.glob(f"{MODEL}_v*/1"))
    return {folder.parent.name: folder for folder in found if (folder / MANIFEST).is_file()}
