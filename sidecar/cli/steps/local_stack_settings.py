"""The settings of the sidecar that a command works on: the shipped ones as the local stack has them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from sidecar.cli.opensearch_target import found_url
from sidecar.cli.serve import DEFAULT_FILE
from sidecar.config.absolute_paths import with_absolute_paths
from sidecar.config.environment import settings_from_environment
from sidecar.config.sidecar import SidecarSettings, load_settings
from sidecar.stack.errors import StackError
from sidecar.stack.paths import project_root, stack_folder, state_folder, vocabularies_folder
from sidecar.stack.ports import LOOPBACK
from sidecar.stack.served_models import ServedModels
from sidecar.stack.state import StackState, load_state

Section = TypeVar("Section", bound=BaseModel)


def sidecar_settings(config: Path) -> SidecarSettings:
    """The file's settings under RESHELF_ variables, as `load_settings` reads them.

    The shipped file tells nothing of a sidecar that runs. Where it is asked for, what nobody has chosen in it
    is what the local stack told its sidecar by variables; published rules and the served log are in the
    cluster that the other commands find (RESHELF_OPENSEARCH, else the local stack).

    Raises ConfigurationError.
    """
    settings = load_settings(config)
    if not _is_shipped(config):
        return settings
    usual = with_absolute_paths(SidecarSettings(), config.parent.resolve())
    return _unless_chosen(settings, usual, settings_from_environment(SidecarSettings), _told())


def _is_shipped(config: Path) -> bool:
    try:
        return config.resolve() == (project_root() / DEFAULT_FILE).resolve()
    except StackError:
        return False


def _told() -> dict[str, Any]:
    """Nested as the settings are."""
    url = found_url()
    cluster = {"opensearch": {"url": url}} if url else {}
    return {"rules": cluster, "served": cluster, **_told_by_stack()}


def _told_by_stack() -> dict[str, Any]:
    """What sidecar.stack.start tells the default stack's sidecar, its cluster aside; empty without one."""
    try:
        folder = stack_folder()
        state = load_state(folder)
    except StackError:
        return {}
    if state is None:
        return {}
    return {
        "state_folder": state_folder() / "sidecar",
        "vocabularies": {"folder": vocabularies_folder()},
        "scorer": _told_scorer(folder, state),
    }


def _told_scorer(folder: Path, state: StackState) -> dict[str, Any]:
    if "triton_grpc" not in state.ports:
        return {}
    address = f"{LOOPBACK}:{state.ports['triton_grpc']}"
    return {"triton": {"address": address, "alias": ServedModels.of_stack(folder).alias}}


def _unless_chosen(
    section: Section, usual: BaseModel, from_environment: Mapping[str, Any], told: Mapping[str, Any]
) -> Section:
    """`section` with what it is told. A value that is not the usual one or comes from a variable was chosen;
    then all values of its section stay: a Triton of one's own does not have the stack's alias."""
    values = {key: value for key, value in told.items() if not isinstance(value, Mapping)}
    if any(key in from_environment or getattr(section, key) != getattr(usual, key) for key in values):
        values = {}
    for key, value in told.items():
        if isinstance(value, Mapping):
            above = from_environment.get(key) or {}
            values[key] = _unless_chosen(getattr(section, key), getattr(usual, key), above, value)
    return section.model_copy(update=values)
