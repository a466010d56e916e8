"""Put a built version beside the live model, and see whether it may follow it."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.config.alias import Alias, ServedModel
from sidecar.inference.model_folder import Manifest
from sidecar.model.progress import Progress, silent
from sidecar.ranking.relevance.triton_control import ControlError
from sidecar.rollout.admission import admitted, check_signature, served_model
from sidecar.rollout.alias_file import changing, current_alias, noted, write_alias
from sidecar.rollout.canary import SAME_BUILD, SAME_WEIGHTS, Comparison, compared
from sidecar.rollout.connected import Connected, connected
from sidecar.rollout.errors import RolloutError
from sidecar.rollout.repository import holds, place, remove
from sidecar.rollout.retire import retire
from sidecar.rollout.target import Target, name_of

Gate = Callable[[Connected, ServedModel, ServedModel, Progress], Awaitable[dict[str, Any]]]
"""Compares the live model with the candidate on judged queries; raises RolloutError where it is worse."""


@dataclass(frozen=True)
class Deployed:
    """`parity`: the weights are the live model's, so its scores had to be too. `gate`: what the gate told.

    No `comparison` where nothing is live, or what is live does not answer.
    """

    candidate: ServedModel
    copied: bool
    live: ServedModel | None
    parity: bool
    comparison: Comparison | None
    gate: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        return {
            "candidate": self.candidate.model_dump(),
            "copied": self.copied,
            "live": self.live.model if self.live else None,
            "parity": self.parity,
            "comparison": self.comparison.to_json() if self.comparison else None,
            "gate": self.gate,
        }


async def deploy(
    target: Target,
    version: Path,
    *,
    uploaded: bool = False,
    config: Path | None = None,
    tolerance: float | None = None,
    gate: Gate | None = None,
    progress: Progress = silent,
) -> Deployed:
    """Checks, copies, loads and warms a version, asks it the canary, and notes it as the candidate.

    uploaded: others have copied it already. config: a config.pbtxt in place of its own. tolerance: in place
    of the canary's own, in standard deviations. Raises RolloutError; then the version is not served, and
    nothing else has changed.
    """
    progress("checksums and contract")
    manifest = admitted(version, config)
    served = served_model(name_of(version), version, manifest)
    with changing(target.alias):
        alias = current_alias(target.alias)
        _check_name(alias, served)
        copied = False
        if target.folder is not None and not uploaded and not _is_there(target.folder, served, alias):
            progress("copy")
            place(version, target.folder, served.model, config)
            copied = True
        async with connected(target.connection) as triton:
            try:
                progress("load and warm up")
                await triton.load(served.model)
                check_signature(await _signature(triton, served.model), served.model)
                progress("canary")
                deployed = await _tried(triton, alias, served, manifest, copied, tolerance, gate, progress)
            except BaseException:
                if served not in alias.named():
                    await _take_back(triton, target.folder if copied else None, served.model)
                raise
            write_alias(
                target.alias, after := noted(alias, "deploy", served.model, candidate=served, shadow=None)
            )
            await retire(triton, target.folder, alias, after)
    return deployed


def _check_name(alias: Alias, served: ServedModel) -> None:
    """Raise RolloutError where the version has a part already, or another has its name."""
    for part, known in (("live", alias.live), ("previous", alias.previous), ("candidate", alias.candidate)):
        if known is None or known.model != served.model:
            continue
        if known.checksum != served.checksum:
            raise RolloutError(
                f"{served.model} is the {part} model, of another build (checksum {known.checksum[:12]}). "
                "Build a version with a number that is free: `reshelf model build --force`."
            )
        if part == "live":
            raise RolloutError(f"{served.model} is live already.")
        if part == "previous":
            raise RolloutError(
                f"{served.model} is the previous model: `reshelf model rollback` makes it live."
            )


def _is_there(repository: Path, served: ServedModel, alias: Alias) -> bool:
    """Only what the alias names is known to be whole down to its configuration."""
    return served in alias.named() and holds(repository, served.model, served.checksum)


async def _signature(triton: Connected, model: str) -> Any:
    try:
        return await triton.control.signature(model)
    except ControlError as error:
        raise RolloutError(f"{model}: {error}") from error


async def _tried(
    triton: Connected,
    alias: Alias,
    served: ServedModel,
    manifest: Manifest,
    copied: bool,
    tolerance: float | None,
    gate: Gate | None,
    progress: Progress,
) -> Deployed:
    """What the canary and the gate said. Raises RolloutError where the version must not follow."""
    scores = await triton.canary(served, manifest.dimensions)
    live = alias.live
    if live is None:
        return Deployed(served, copied, None, False, None, None)
    progress(f"canary of {live.model}")
    try:
        comparison = compared(await triton.canary(live), scores)
    except RolloutError:
        # What is live does not answer: all the more reason not to keep the next one from it.
        return Deployed(served, copied, live, False, None, None)
    parity = bool(served.weights) and served.weights == live.weights
    allowed = tolerance if tolerance is not None else _allowed(live, served)
    if parity and comparison.largest_difference > allowed:
        raise RolloutError(
            f"{served.model} has the weights of {live.model}, but a score differs by "
            f"{comparison.largest_difference:.3f} standard deviations; {allowed} are allowed (--tolerance)."
        )
    told = None
    if gate is not None:
        told = await gate(triton, live, served, progress)
    return Deployed(served, copied, live, parity, comparison, told)


def _allowed(live: ServedModel, served: ServedModel) -> float:
    return SAME_BUILD if live.fingerprint == served.fingerprint else SAME_WEIGHTS


async def _take_back(triton: Connected, repository: Path | None, model: str) -> None:
    """Unloads what must not serve, and removes what was copied for it."""
    with suppress(ControlError):  # it was never loaded, or Triton is gone
        await triton.control.unload(model)
    if repository is not None:
        remove(repository, model)
