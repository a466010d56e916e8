"""`reshelf model deploy | promote | rollback | shadow | status`: exchange the model that is served."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from sidecar.cli.model import AsJson, Repository, failure, model, repository

if TYPE_CHECKING:
    from sidecar.model.progress import Progress
    from sidecar.rollout.target import Target

Result = TypeVar("Result")

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="The sidecars' settings: where Triton is, TLS, alias. Default: the local stack's.",
    ),
]
Served = Annotated[
    str | None,
    typer.Option(
        "--repository", help="The folder that Triton serves, or the address of an object store (s3://…)."
    ),
]
AliasFile = Annotated[
    Path | None,
    typer.Option("--alias", help="The alias file, in place of the settings' `scorer.triton.alias`."),
]
Stack = Annotated[str, typer.Option(help="Which local stack, where several run side by side.")]


def register(_: typer.Typer) -> None:
    """Adds the commands to `reshelf model`."""
    for command in (deploy, promote, rollback, shadow, status):
        model.command(command.__name__)(command)


def deploy(
    version: Annotated[
        int | None, typer.Argument(help="A built version; the newest if none is given.")
    ] = None,
    judgments: Annotated[
        Path | None, typer.Option(help="Judged queries as for `reshelf evaluate`: the gate.")
    ] = None,
    products: Annotated[Path | None, typer.Option(help="The products that were judged.")] = None,
    loss: Annotated[
        float, typer.Option(min=0, max=1, help="How much nDCG@10 may be below the live model's.")
    ] = 0.005,
    tolerance: Annotated[
        float | None,
        typer.Option(min=0, help="For equal weights: how far scores may differ, in standard deviations."),
    ] = None,
    model_config: Annotated[
        Path | None, typer.Option(help="A config.pbtxt in place of the built one (instances, GPU).")
    ] = None,
    uploaded: Annotated[
        bool,
        typer.Option("--uploaded", help="The version is in the repository already: only load and try it."),
    ] = False,
    built: Repository = None,
    config: Config = None,
    served: Served = None,
    alias: AliasFile = None,
    stack: Stack = "default",
    as_json: AsJson = False,
) -> None:
    """Check a built version, put it beside the live one, warm it up and try it. No search asks it.

    Example: `reshelf model deploy --judgments judgments.jsonl --products products.jsonl.gz`
    """
    from sidecar.cli.steps.rollout_gate import gate_of
    from sidecar.cli.steps.rollout_told import told_deployment
    from sidecar.model.folders import MODEL, newest_version
    from sidecar.rollout.deploy import deploy as deployed
    from sidecar.rollout.errors import RolloutError
    from sidecar.rollout.upload import stage

    def run(target: "Target", progress: "Progress") -> Coroutine[Any, Any, Any]:
        models = repository(built) / MODEL
        folder = newest_version(models) if version is None else models / str(version)
        if folder is None or not folder.is_dir():
            raise RolloutError(f"{folder or models}: not built. `reshelf model list` shows the versions.")
        if target.folder is None and not uploaded:
            return stage(folder, target, models.parent.parent / "to-upload", model_config)
        return deployed(
            target,
            folder,
            uploaded=uploaded,
            config=model_config,
            tolerance=tolerance,
            gate=gate_of(judgments, products, loss),
            progress=progress,
        )

    result = _done(run, config, served, alias, stack, "Deploying")
    print(json.dumps(result.to_json()) if as_json else told_deployment(result))


def promote(
    keep_loaded: Annotated[
        bool, typer.Option(help="Keep the previous model in memory, for a roll back at once.")
    ] = True,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait until the previous model is no longer asked.")
    ] = 30,
    config: Config = None,
    served: Served = None,
    alias: AliasFile = None,
    stack: Stack = "default",
    as_json: AsJson = False,
) -> None:
    """Make the candidate live: sidecars ask it within a second, and searches under way end with the old one.

    Example: `reshelf model promote`
    """
    from sidecar.cli.steps.rollout_told import told_switch
    from sidecar.rollout.promote import promote as promoted

    result = _done(
        lambda target, progress: promoted(target, keep_loaded=keep_loaded, patience=wait, progress=progress),
        *(config, served, alias, stack, "Promoting"),
    )
    print(json.dumps(result.to_json()) if as_json else told_switch(result))


def rollback(
    config: Config = None,
    served: Served = None,
    alias: AliasFile = None,
    stack: Stack = "default",
    as_json: AsJson = False,
) -> None:
    """Make the previous model live again. Once more goes forward again.

    Example: `reshelf model rollback`
    """
    from sidecar.cli.steps.rollout_told import told_switch
    from sidecar.rollout.promote import rollback as rolled_back

    result = _done(
        lambda target, progress: rolled_back(target, progress=progress),
        *(config, served, alias, stack, "Rolling back"),
    )
    print(json.dumps(result.to_json()) if as_json else told_switch(result))


def shadow(
    share: Annotated[float, typer.Option(min=0, max=1, help="Of the searches, 0 to 1; 0 ends it.")],
    config: Config = None,
    served: Served = None,
    alias: AliasFile = None,
    stack: Stack = "default",
    as_json: AsJson = False,
) -> None:
    """Have the candidate rank a share of the searches as well, unheard; `status` shows how it differs.

    Example: `reshelf model shadow --share 0.1`
    """
    from sidecar.rollout.promote import set_shadow

    async def run(target: "Target") -> Any:
        return set_shadow(target, share)

    result = _done(lambda target, _: run(target), config, served, alias, stack, "Shadowing")
    if as_json:
        print(json.dumps({"shadow": result.shadow.model_dump() if result.shadow else None}))
    elif result.shadow is None:
        print("Nothing is shadowed.")
    else:
        print(f"{result.shadow.model} ranks {result.shadow.share:.0%} of the searches as well.")


def status(
    sidecar: Annotated[
        list[str] | None,
        typer.Option(help="A sidecar's HTTP listener, for its figures: http://host:8080. Repeatable."),
    ] = None,
    token: Annotated[
        str, typer.Option(envvar="RESHELF_HTTP__TOKEN", help="What the sidecars' `http.token` asks for.")
    ] = "",
    config: Config = None,
    served: Served = None,
    alias: AliasFile = None,
    stack: Stack = "default",
    as_json: AsJson = False,
) -> None:
    """Show the live, the previous and the candidate model, and how far the candidate is from the live one.

    Example: `reshelf model status --config plugin_config/sidecar.yml --repository /models --sidecar http://host:8080`
    """
    from sidecar.cli.steps.rollout_target import TargetOptions, sidecar_of_stack
    from sidecar.cli.steps.rollout_told import tell_status
    from sidecar.rollout.status import status as found

    sidecars = sidecar or sidecar_of_stack(TargetOptions(config, served, alias, stack))
    result = _done(
        lambda target, _: found(target, sidecars, token),
        *(config, served or ("unused" if config else None), alias, stack, "Looking"),
    )
    if as_json:
        print(json.dumps(result))
    else:
        tell_status(result)


def _done(
    run: "Callable[[Target, Progress], Coroutine[Any, Any, Result]]",
    config: Path | None,
    served: str | None,
    alias: Path | None,
    stack: str,
    doing: str,
) -> Result:
    """What the step answers, shown while it runs. Errors are told and end the command."""
    from rich.console import Console

    from sidecar.cli.steps.rollout_target import TargetOptions, chosen_target
    from sidecar.config.errors import ConfigurationError
    from sidecar.rollout.errors import RolloutError

    try:
        target = chosen_target(TargetOptions(config, served, alias, stack))
        with Console(stderr=True).status(f"{doing} …") as shown:
            return asyncio.run(run(target, lambda step: shown.update(f"{doing}: {step} …")))
    except (RolloutError, ConfigurationError) as error:
        raise failure(error) from error
