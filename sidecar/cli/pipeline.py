"""`reshelf pipeline`: the search pipeline, on and off."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster, told_problems

if TYPE_CHECKING:
    from sidecar.config.profile import Profile
    from sidecar.opensearch.search_pipeline import PipelineUse

PipelinesFolder = Annotated[
    Path | None, typer.Option("--pipelines", metavar="DIR", help="Default: plugin_config/pipelines.")
]
ProfilesFolder = Annotated[
    Path | None, typer.Option("--profiles", metavar="DIR", help="Default: plugin_config/profiles.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON on stdout.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `reshelf`."""
    pipeline = typer.Typer(no_args_is_help=True, help="Put the search pipeline on indices and take it off.")
    for command in (apply, remove, show):
        pipeline.command(command.__name__)(command)
    app.add_typer(pipeline, name="pipeline")


def configured_pipeline(
    pipelines: Path | None, profiles: Path | None, window: int | None = None, profile: str | None = None
) -> dict[str, Any]:
    """The pipeline's body from plugin_config/. Raises ConfigurationError."""
    from sidecar.opensearch.pipeline_file import load_pipeline

    found = configured_profiles(profiles)
    return load_pipeline(pipelines or plugin_config() / "pipelines", found, window=window, profile=profile)


def configured_profiles(profiles: Path | None) -> "dict[str, Profile]":
    """The ranking profiles of plugin_config/, or of the folder. Raises ConfigurationError."""
    from sidecar.config.profile import load_profiles

    return load_profiles(profiles or plugin_config() / "profiles")


def configured_profile(name: str, profiles: Path | None) -> "Profile":
    """The one of them that `--profile` names. Raises ConfigurationError."""
    from sidecar.config.profile import named_profile

    return named_profile(configured_profiles(profiles), name)


def plugin_config() -> Path:
    """plugin_config/ of the clone that this runs from; else the one in the working directory."""
    from sidecar.stack.errors import StackError
    from sidecar.stack.paths import project_root

    try:
        return project_root() / "plugin_config"
    except StackError:
        return Path("plugin_config")


def apply(
    index: Annotated[
        str | None, typer.Option(help="Also make it the default of this index (alias, pattern).")
    ] = None,
    window: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Re-rank this many instead of the file's.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Take the place of another default pipeline of the index.")
    ] = False,
    pipelines: PipelinesFolder = None,
    profiles: ProfilesFolder = None,
    opensearch: OpenSearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Create or update the search pipeline `reshelf`, and make it an index's default.

    Example: `reshelf pipeline apply --index shop`

    Without --index the pipeline is created or updated, and no index is touched.
    """
    with told_problems():
        from sidecar.opensearch.pipeline_file import PIPELINE
        from sidecar.opensearch.search_pipeline import apply_pipeline, set_default

        body = configured_pipeline(pipelines, profiles, window)
        client = cluster(opensearch)
        apply_pipeline(client, body)
        indices = set_default(client, index, force=force) if index else []
    if as_json:
        typer.echo(json.dumps({"pipeline": PIPELINE, "indices": indices, "body": body}, ensure_ascii=False))
    else:
        where = f" and made the default of {', '.join(indices)}" if indices else ""
        typer.echo(f"search pipeline `{PIPELINE}` applied{where}")


def remove(
    index: Annotated[
        str | None, typer.Option(help="Only from this index. Default: from all that have it.")
    ] = None,
    opensearch: OpenSearchUrl = None,
    as_json: AsJson = False,
) -> None:
    """Take the search pipeline off, in the order that keeps every search working.

    Example: `reshelf pipeline remove`

    Do this before the plugin is removed from a cluster. The defaults of indices go first; the pipeline
    itself is deleted once nothing names it.
    """
    with told_problems():
        from sidecar.opensearch.search_pipeline import remove_pipeline

        left = remove_pipeline(cluster(opensearch), index)
    _tell(left, as_json)


def show(opensearch: OpenSearchUrl = None, as_json: AsJson = False) -> None:
    """Show the search pipeline as the cluster has it, and which indices and templates name it.

    Example: `reshelf pipeline show`
    """
    with told_problems():
        from sidecar.opensearch.search_pipeline import show_pipeline

        use = show_pipeline(cluster(opensearch))
    _tell(use, as_json)


def _tell(use: "PipelineUse", as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(use.to_json(), ensure_ascii=False))
        return
    if use.body is None:
        typer.echo(f"search pipeline `{use.pipeline}`: not in this cluster")
    else:
        typer.echo(f"search pipeline `{use.pipeline}`: {json.dumps(use.body, ensure_ascii=False)}")
    for kind, names in (("default of", use.indices), ("named by the templates", use.templates)):
        if names:
            typer.echo(f"  {kind} {', '.join(names)}")
