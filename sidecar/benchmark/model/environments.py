"""The Pythons that peers run in: one for those that agree on their libraries, one for Infinity."""

import os
from collections.abc import Sequence
from pathlib import Path

from sidecar.stack.paths import project_root

ISOLATED = Path(__file__).parent
"""The folder that holds the package `peers`."""
START = "import sys; sys.path.append(sys.argv.pop(1)); from peers.{module} import main; main(sys.argv[1:])"
"""At the end of the path, so that nothing of this folder stands before a library of the same name."""
HOW = "run `make bench-model`, which makes it"


class PeerMissing(Exception):
    """A peer that cannot be measured here; the message is the reason in the report."""


def peer_python(environment: str) -> Path:
    """The interpreter of `.venv-<environment>`. Raises PeerMissing."""
    python = project_root() / f".venv-{environment}" / "bin" / "python"
    if not python.is_file():
        raise PeerMissing(f"no environment .venv-{environment}: {HOW}")
    return python


def peer_command(environment: str, module: str, arguments: Sequence[str]) -> list[str]:
    """A command line that runs a module of `peers` there. Raises PeerMissing."""
    return [
        str(peer_python(environment)),
        "-c",
        START.format(module=module),
        str(ISOLATED),
        *arguments,
    ]


def thread_environment(threads: int) -> dict[str, str]:
    """What every arm's process finds in its environment: the same budget, by each library's own name."""
    count = str(threads)
    return {
        **os.environ,
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "RAYON_NUM_THREADS": count,
        # Nothing is fetched while measuring, and nobody is told.
        "HF_HUB_OFFLINE": "1",
        "ORT_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
    }
