"""Compare a built version with its manifest."""

from pathlib import Path

from sidecar.inference.model_folder import MANIFEST, ModelFolderError, read_manifest
from sidecar.model.checksums import sha256_of

IGNORED = {MANIFEST}


def problems(version: Path) -> list[str]:
    """What is wrong with a version folder, one sentence each; empty when every file is as it was built."""
    try:
        manifest = read_manifest(version)
    except ModelFolderError as error:
        return [str(error)]
    found = []
    for name, checksum in sorted(manifest.files.items()):
        path = version / name
        if not path.is_file():
            found.append(f"{path}: missing.")
        elif sha256_of(path) != checksum:
            found.append(f"{path}: changed since it was built.")
    for path in sorted(version.rglob("*")):
        name = path.relative_to(version).as_posix()
        if (
            path.is_file()
            and "__pycache__" not in path.parts
            and name not in manifest.files
            and name not in IGNORED
        ):
            found.append(f"{path}: not part of the build.")
    return found
