"""Which Triton, which repository of its, and which alias file a roll-out is about."""

from dataclasses import dataclass
from pathlib import Path

from sidecar.model.folders import MODEL
from sidecar.ranking.relevance.triton_connection import Connection
from sidecar.rollout.errors import RolloutError


@dataclass(frozen=True)
class Target:
    """`repository` is a folder that Triton sees as well, or the address of an object store (s3://…)."""

    connection: Connection
    alias: Path
    repository: str

    @property
    def folder(self) -> Path | None:
        """The repository as a folder; None for an object store, which others fill."""
        return None if "://" in self.repository else Path(self.repository).expanduser().resolve()


def name_of(version: Path) -> str:
    """The name on Triton of a built version: bert_reranker_v3. Raises RolloutError."""
    if not version.name.isdigit():
        raise RolloutError(
            f"{version}: no folder of a built version (…/{MODEL}/3). `reshelf model list` shows them."
        )
    return f"{MODEL}_v{version.name}"
