"""Models that the alias names no more: drained, unloaded, taken out of the repository."""

import asyncio
import time
from pathlib import Path

from sidecar.config.alias import Alias
from sidecar.ranking.relevance.triton_control import ControlError
from sidecar.rollout.connected import Connected
from sidecar.rollout.repository import remove

QUIET = 3.0
"""Seconds without a request after which a model counts as drained: sidecars look at the alias each second."""
LOOK = 0.25


async def drained(triton: Connected, model: str, patience: float) -> bool:
    """Whether the model has not been asked for a while; returns as soon as that is so.

    By the count of requests that Triton has answered, so that it does not matter who asked.
    """
    until = time.monotonic() + patience
    count, since = await _asked(triton, model), time.monotonic()
    while time.monotonic() < until:
        await asyncio.sleep(LOOK)
        now = await _asked(triton, model)
        if now != count:
            count, since = now, time.monotonic()
        elif time.monotonic() - since >= QUIET:
            return True
    return False


async def retire(
    triton: Connected, repository: Path | None, before: Alias, after: Alias, patience: float = 30.0
) -> list[str]:
    """Takes away the models that `before` names and `after` does not; answers their names.

    One that is asked until `patience` is over is unloaded all the same: its sidecar does not follow the
    alias, and fails open. Requests that Triton has begun are answered.
    """
    names = {served.model for served in before.named()} - {served.model for served in after.named()}
    for model in sorted(names):
        await drained(triton, model, patience)
        try:
            await triton.control.unload(model)
        except ControlError:
            continue  # it is not loaded, or Triton is gone: the repository's copy tells what was served
        if repository is not None:
            remove(repository, model)
    return sorted(names)


async def _asked(triton: Connected, model: str) -> int:
    try:
        return await triton.control.asked(model)
    except ControlError:
        return 0
