"""What the arms of `reshelf evaluate` are made from: profiles, pipelines, models."""

from pathlib import Path

from rich.console import Console

from sidecar.cli.pipeline import configured_pipeline, configured_profiles
from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.arms import Workshop


def workshop(pipelines: Path | None, profiles: Path | None) -> Workshop:
    """Arms from plugin_config/, or from the folders that were named."""
    return Workshop(
        profiles=lambda: configured_profiles(profiles),
        pipeline_of=lambda profile: configured_pipeline(pipelines, profiles, profile=profile),
        model_folder=lambda wanted: model_folder(wanted, "--arms"),
    )


def model_folder(wanted: str, option: str) -> Path:
    """The built model of a precision, or the folder of that name. Raises ConfigurationError."""
    from sidecar.model.precision import PRECISIONS

    if wanted not in PRECISIONS:
        folder = Path(wanted).expanduser()
        if not folder.is_dir():
            raise ConfigurationError(
                f"{option}: `{wanted}` is neither {' nor '.join(PRECISIONS)} nor the folder of a built model."
            )
        return folder
    return _built(wanted, option)


def _built(precision: str, option: str) -> Path:
    """The default model in that precision, in a repository of its own: Triton must not serve it."""
    from sidecar.model.build import build_model
    from sidecar.model.errors import ModelError
    from sidecar.stack.errors import StackError
    from sidecar.stack.paths import cache_folder, state_folder

    try:
        repository = state_folder() / "evaluation-models" / precision
        with Console(stderr=True).status(f"Building the model in {precision} …"):
            return build_model(repository, cache=cache_folder(), precision=precision).folder
    except (ModelError, StackError) as error:
        raise ConfigurationError(f"{option}: the model in {precision} cannot be built: {error}") from error
