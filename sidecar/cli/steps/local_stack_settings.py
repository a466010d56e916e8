"""The shipped settings, as the sidecar of the local stack has them."""

from contextlib import suppress
from pathlib import Path

from sidecar.cli.serve import DEFAULT_FILE
from sidecar.config.sidecar import SidecarSettings
from sidecar.stack.errors import StackError
from sidecar.stack.paths import project_root, stack_folder, vocabularies_folder
from sidecar.stack.ports import LOOPBACK
from sidecar.stack.served_models import ServedModels
from sidecar.stack.state import load_state


def as_in_local_stack(settings: SidecarSettings, config: Path) -> SidecarSettings:
    """Where the local stack is up with Triton, and the settings are the shipped ones: its live model and its
    vocabularies, of which its sidecar is told by variables. Other settings as they are."""
    if (
        config.resolve() != (project_root() / DEFAULT_FILE).resolve()
        or settings.scorer.triton.alias is not None
    ):
        return settings
    with suppress(StackError):
        folder = stack_folder()
        state = load_state(folder)
        if state is not None and "triton_grpc" in state.ports:
            triton = settings.scorer.triton.model_copy(
                update={
                    "address": f"{LOOPBACK}:{state.ports['triton_grpc']}",
                    "alias": ServedModels.of_stack(folder).alias,
                }
            )
            vocabularies = settings.vocabularies.model_copy(update={"folder": vocabularies_folder()})
            scorer = settings.scorer.model_copy(update={"triton": triton})
            return settings.model_copy(update={"scorer": scorer, "vocabularies": vocabularies})
    return settings
