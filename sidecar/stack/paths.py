"""Where the stack keeps things: what clones share, and what one running stack owns."""

import os
from pathlib import Path

from sidecar.stack.errors import StackError


def cache_folder() -> Path:
    """What all clones of a user share (downloads, weights): RESHELF_CACHE, else ~/.cache/reshelf."""
    configured = os.environ.get("RESHELF_CACHE")
    if configured:
        return Path(configured).expanduser().resolve()
    return Path("~/.cache/reshelf").expanduser()


def project_root() -> Path:
    """The clone that this package runs from, or the one that the working directory lies in."""
    beside_the_package = Path(__file__).resolve().parents[2]
    here = Path.cwd()
    for folder in (beside_the_package, here, *here.parents):
        if (folder / "plugin_config").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise StackError(
        "no Reshelf clone found: the local stack builds the plugin and reads plugin_config/ from one. "
        "Run the command inside a clone of the repository."
    )


def state_folder() -> Path:
    """What belongs to this clone and is rebuilt at will: RESHELF_STATE, else .reshelf in the project root."""
    configured = os.environ.get("RESHELF_STATE")
    return Path(configured).expanduser().resolve() if configured else project_root() / ".reshelf"


def vocabularies_folder() -> Path:
    """Where `reshelf vocabulary build` writes and the stack's sidecar reads."""
    return state_folder() / "vocabularies"


def stack_folder(name: str = "default", state: Path | None = None) -> Path:
    """The folder of one stack: its state file, its logs and, where a node can read it, its node."""
    return (state.resolve() if state else state_folder()) / "stacks" / name
