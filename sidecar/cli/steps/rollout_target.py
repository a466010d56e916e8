"""Which Triton the `reshelf model` commands work on: a local stack's, or one that others run."""

from dataclasses import dataclass
from pathlib import Path

from sidecar.config.errors import ConfigurationError
from sidecar.config.sidecar import load_settings
from sidecar.ranking.relevance.triton_connection import triton_connection
from sidecar.rollout.alias_file import current_alias
from sidecar.rollout.errors import RolloutError
from sidecar.rollout.target import Target
from sidecar.stack.errors import StackError
from sidecar.stack.paths import stack_folder
from sidecar.stack.served_models import ServedModels
from sidecar.stack.state import load_state


@dataclass(frozen=True)
class TargetOptions:
    """As given on the command line."""

    config: Path | None
    repository: str | None
    alias: Path | None
    stack: str


def chosen_target(asked: TargetOptions) -> Target:
    """By the sidecars' settings, or the local stack's. Raises RolloutError saying what to name."""
    if asked.config is None:
        return _with(_of_stack(asked.stack), asked)
    try:
        settings = load_settings(asked.config).scorer.triton
    except ConfigurationError as error:
        raise RolloutError(str(error)) from error
    alias = asked.alias or settings.alias
    if alias is None:
        raise RolloutError(
            f"{asked.config}: `scorer.triton.alias` is missing, so sidecars ask `scorer.triton.model`. "
            "Set it, or name the file with --alias."
        )
    if asked.repository is None:
        raise RolloutError("--config goes with --repository: the folder that Triton serves, or s3://…")
    return Target(triton_connection(settings), alias.expanduser().resolve(), asked.repository)


def parts_in_stack(name: str = "default") -> dict[str, str]:
    """Which part each version has in a local stack: the manifest's checksum → live, previous, candidate."""
    try:
        alias = current_alias(ServedModels.of_stack(stack_folder(name)).alias)
    except (StackError, RolloutError):
        return {}
    named = {"live": alias.live, "previous": alias.previous, "candidate": alias.candidate}
    return {served.checksum: part for part, served in named.items() if served is not None}


def sidecar_of_stack(asked: TargetOptions) -> list[str]:
    """The address of the local stack's sidecar, where the target is that stack."""
    state = load_state(stack_folder(asked.stack)) if asked.config is None else None
    return [f"http://127.0.0.1:{state.ports['sidecar_http']}"] if state is not None else []


def _of_stack(name: str) -> Target:
    try:
        folder = stack_folder(name)
        state = load_state(folder)
    except StackError as error:
        raise RolloutError(f"{error} Or name the sidecars' settings with --config.") from error
    if state is None or "triton_grpc" not in state.ports:
        raise RolloutError(
            "no local stack with Triton is up (`reshelf stack up`). For a Triton that others run give the "
            "sidecars' settings and the repository: --config sidecar.yml --repository FOLDER"
        )
    return ServedModels.of_stack(folder).target(state.ports["triton_grpc"])


def _with(target: Target, asked: TargetOptions) -> Target:
    alias = asked.alias.expanduser().resolve() if asked.alias else target.alias
    return Target(target.connection, alias, asked.repository or target.repository)
