"""Make the candidate the live model, or the previous one again, by one change of the alias."""

import time
from dataclasses import dataclass
from typing import Any

from sidecar.config.alias import Alias, ServedModel, Shadow
from sidecar.model.progress import Progress, silent
from sidecar.ranking.relevance.triton_control import ControlError
from sidecar.rollout.alias_file import changing, current_alias, noted, write_alias
from sidecar.rollout.connected import Connected, connected
from sidecar.rollout.errors import RolloutError
from sidecar.rollout.retire import drained, retire
from sidecar.rollout.target import Target


@dataclass(frozen=True)
class Switched:
    """`drained`: seconds until `previous` was no longer asked, None where it still was, or nobody waited.

    `unloaded` are the models that Triton no longer holds.
    """

    live: ServedModel
    previous: ServedModel | None
    drained: float | None
    unloaded: list[str]

    def to_json(self) -> dict[str, Any]:
        return {
            "live": self.live.model_dump(),
            "previous": self.previous.model if self.previous else None,
            "drained_seconds": None if self.drained is None else round(self.drained, 1),
            "unloaded": self.unloaded,
        }


async def promote(
    target: Target, *, keep_loaded: bool = True, patience: float = 30.0, progress: Progress = silent
) -> Switched:
    """The candidate is live from now on, the live model previous; the one before that is taken away.

    keep_loaded: the previous model stays in memory, for a roll back at once. patience: seconds to wait until
    it is no longer asked. Raises RolloutError, and nothing has changed.
    """
    with changing(target.alias):
        alias = current_alias(target.alias)
        if alias.candidate is None:
            raise RolloutError("there is no candidate. `reshelf model deploy` makes one.")
        async with connected(target.connection) as triton:
            progress("canary")
            await triton.canary(alias.candidate)
            after = _changed(
                target,
                alias,
                "promote",
                live=alias.candidate,
                previous=alias.live,
                candidate=None,
                shadow=None,
            )
            took, unloaded = None, []
            if alias.live is not None:
                progress(f"waiting until {alias.live.model} is no longer asked")
                took = await _drain(triton, alias.live.model, patience)
                if not keep_loaded:
                    await _unload(triton, alias.live.model)
                    unloaded.append(alias.live.model)
            unloaded += await retire(triton, target.folder, alias, after)
    return Switched(alias.candidate, alias.live, took, unloaded)


async def rollback(target: Target, *, progress: Progress = silent) -> Switched:
    """Live and previous model change places. Loads the previous one first where it is not loaded.

    Raises RolloutError, and nothing has changed.
    """
    with changing(target.alias):
        alias = current_alias(target.alias)
        if alias.live is None or alias.previous is None:
            raise RolloutError(
                "there is no previous model to go back to. `reshelf model status` shows the models."
            )
        async with connected(target.connection) as triton:
            try:
                progress("canary")
                await triton.canary(alias.previous)
            except RolloutError:
                progress(f"loading {alias.previous.model}")
                await triton.load(alias.previous.model)
                await triton.canary(alias.previous)
            _changed(target, alias, "rollback", live=alias.previous, previous=alias.live)
    return Switched(alias.previous, alias.live, None, [])


def set_shadow(target: Target, share: float) -> Alias:
    """The candidate ranks that share of the searches as well; 0 ends it. Raises RolloutError."""
    with changing(target.alias):
        alias = current_alias(target.alias)
        if alias.candidate is None:
            raise RolloutError("there is no candidate to shadow with. `reshelf model deploy` makes one.")
        shadow = Shadow(model=alias.candidate.model, share=share) if share else None
        after = noted(alias, "shadow", alias.candidate.model, shadow=shadow)
        write_alias(target.alias, after)
    return after


def _changed(target: Target, alias: Alias, action: Any, **changes: Any) -> Alias:
    after = noted(alias, action, changes["live"].model, **changes)
    write_alias(target.alias, after)
    return after


async def _drain(triton: Connected, model: str, patience: float) -> float | None:
    started = time.monotonic()
    return time.monotonic() - started if await drained(triton, model, patience) else None


async def _unload(triton: Connected, model: str) -> None:
    try:
        await triton.control.unload(model)
    except ControlError as error:
        raise RolloutError(f"{model} is no longer asked, but Triton does not unload it: {error}") from error
