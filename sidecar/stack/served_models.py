"""The models that a stack's Triton serves: its repository, its alias, and the first model in both."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sidecar.model.folders import MODEL
from sidecar.ranking.relevance.triton_connection import Connection
from sidecar.rollout.alias_file import current_alias
from sidecar.rollout.deploy import deploy
from sidecar.rollout.errors import RolloutError
from sidecar.rollout.promote import promote
from sidecar.rollout.repository import remove
from sidecar.rollout.target import Target
from sidecar.stack.errors import StackError
from sidecar.stack.ports import LOOPBACK
from sidecar.stack.served_alias import alias_of


def repository_of(stack: Path) -> Path:
    """What Triton loads at its start, all of it."""
    return stack / "served"


def target_of(stack: Path, triton_grpc: int) -> Target:
    """The stack as a roll-out sees it."""
    return Target(Connection(f"{LOOPBACK}:{triton_grpc}"), alias_of(stack), str(repository_of(stack)))


def tidy(stack: Path) -> None:
    """Removes what the alias does not name: Triton would load it, and not start where that fails.

    Raises StackError.
    """
    repository = repository_of(stack)
    repository.mkdir(parents=True, exist_ok=True)
    try:
        named = {served.model for served in current_alias(alias_of(stack)).named()}
    except RolloutError as error:
        raise StackError(str(error)) from error
    for folder in repository.iterdir():
        if folder.name not in named:
            remove(repository, folder.name)


def serve_newest(target: Target, version: Path, tell: Callable[[str], None]) -> str:
    """Makes a built version live, if it has never been served here; answers the live model's name.

    After a roll back the older one stays: what was rolled back is in the history. Raises StackError.
    """
    try:
        alias = current_alias(target.alias)
        name = f"{MODEL}_v{version.name}"
        served_before = any(step.model == name for step in alias.history)
        if alias.live is not None and served_before:
            return alias.live.model

        async def deploy_and_promote() -> None:
            await deploy(target, version, progress=tell)
            await promote(target, patience=0, progress=tell)

        asyncio.run(deploy_and_promote())
    except RolloutError as error:
        raise StackError(f"the model cannot be deployed: {error}") from error
    return name
