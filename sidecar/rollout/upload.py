"""For repositories that we cannot write: a folder that is ready to be copied there."""

from dataclasses import dataclass
from pathlib import Path

from sidecar.rollout.admission import admitted
from sidecar.rollout.repository import place
from sidecar.rollout.target import Target, name_of


@dataclass(frozen=True)
class Upload:
    """`folder` is to be copied to the address `to`, by the store's own tool."""

    folder: Path
    to: str

    def to_json(self) -> dict[str, str]:
        return {"upload": str(self.folder), "to": self.to}


async def stage(version: Path, target: Target, folder: Path, config: Path | None = None) -> Upload:
    """Lays out `folder`/bert_reranker_v<N> as Triton wants it. Raises RolloutError."""
    admitted(version, config)
    name = name_of(version)
    return Upload(place(version, folder, name, config), f"{target.repository.rstrip('/')}/{name}")
