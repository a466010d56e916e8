"""The models that a stack's Triton serves: their repository, the alias, and the first model in both."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sidecar.ranking.relevance.triton_connection import Connection
from sidecar.rollout.deploy import deploy
from sidecar.rollout.errors import RolloutError
from sidecar.rollout.promote import promote
from sidecar.rollout.target import Target
from sidecar.stack.errors import StackError
from sidecar.stack.ports import LOOPBACK


@dataclass(frozen=True)
class ServedModels:
    """`folder` lives as long as the stack does: a new stack begins with the newest build."""

    folder: Path

    @classmethod
    def of_stack(cls, stack: Path) -> "ServedModels":
        """Where a stack keeps them."""
        return cls(stack / "models")

    @property
    def repository(self) -> Path:
        """What Triton loads at its start, all of it."""
        return self.folder / "served"

    @property
    def alias(self) -> Path:
        """`reshelf model promote` writes it, the sidecar follows it."""
        return self.folder / "live.json"

    def target(self, triton_grpc: int) -> Target:
        """The stack as a roll-out sees it."""
        return Target(Connection(f"{LOOPBACK}:{triton_grpc}"), self.alias, str(self.repository))

    def begin(self) -> None:
        """No models, whatever an earlier stack has left."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.repository.mkdir(parents=True)

    def serve(self, version: Path, triton_grpc: int, tell: Callable[[str], None]) -> str:
        """Deploys and promotes the first version; answers its name on Triton. Raises StackError."""

        async def first() -> str:
            target = self.target(triton_grpc)
            deployed = await deploy(target, version, progress=tell)
            await promote(target, progress=tell)
            return deployed.candidate.model

        try:
            return asyncio.run(first())
        except RolloutError as error:
            raise StackError(f"the model cannot be served: {error}") from error
