"""`reshelf model train`: a cross-encoder from judgments, from the catalogue itself, or from clicks."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sidecar.cli.model import failure, model
from sidecar.cli.opensearch_target import told_problems
from sidecar.cli.pipeline import ProfilesFolder

if TYPE_CHECKING:
    from sidecar.config.profile import Profile
    from sidecar.training.gathering import Inputs
    from sidecar.training.run import Trained
    from sidecar.training.settings import Settings

SHOWN = 10


@model.command()
def train(
    products: Annotated[Path, typer.Option(help="JSON lines (plain or .gz) or ESCI's products.parquet.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for what is trained.")],
    recipe: Annotated[
        str, typer.Option(help="`default` (no labels needed), `judgments`, or a YAML file with settings.")
    ] = "default",
    judgments: Annotated[
        Path | None, typer.Option(help='JSON lines of {"query": …, "labels": {ID: "E|S|C|I"}}.')
    ] = None,
    pools: Annotated[
        Path | None, typer.Option(help='Products that belong together: {"pool": …, "products": [ID, …]}.')
    ] = None,
    clicks: Annotated[Path | None, typer.Option(help="UBI queries and events, JSON lines.")] = None,
    stop_by: Annotated[
        Path | None, typer.Option(help="Judgments to stop by; they are never trained on.")
    ] = None,
    keep_apart: Annotated[
        Path | None, typer.Option(help="Judgments to measure with: nothing of theirs is trained on.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="`minilm-l6`, a folder with a BERT model, or a hub name.")
    ] = None,
    tuning: Annotated[str | None, typer.Option(help="`lora` (a small adapter) or `full`.")] = None,
    rank: Annotated[int | None, typer.Option(help="Of the adapter.")] = None,
    alpha: Annotated[int | None, typer.Option(help="Of the adapter: how strongly it counts.")] = None,
    loss: Annotated[
        str | None, typer.Option(help="`bce`, `listwise`, `lambda` or `distill`, instead of the recipe's.")
    ] = None,
    teacher: Annotated[
        str | None, typer.Option(help="For `distill`: `bi-encoder`, a cross-encoder's folder or hub name.")
    ] = None,
    epochs: Annotated[float | None, typer.Option(help="How often every list is seen.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The highest one.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything that is drawn.")] = None,
    grid: Annotated[
        Path | None, typer.Option(help="YAML: settings' keys with the values to try, all combinations.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the newest checkpoint.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Remove an earlier run there.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="Default: all cores.")] = None,
    locale: Annotated[list[str] | None, typer.Option(help="Of a parquet file, only this locale.")] = None,
    profile: Annotated[
        str, typer.Option(help="The ranking profile whose text of a document is read.")
    ] = "default",
    profiles: ProfilesFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")] = False,
) -> None:
    """Train a cross-encoder; `reshelf model build --adapter FOLDER` makes a model of the result.

    Example: `reshelf model train --recipe default --products products.jsonl.gz --output adapter`

    Example: `reshelf model train --recipe judgments --products products.jsonl.gz
    --judgments judgments.jsonl --output adapter`

    Sources are used when their file is given; queries made from titles need none. TensorBoard logs and
    checkpoints are under the output's folder `run`.
    """
    flat = {
        "base": base,
        "tuning": tuning,
        "lora.rank": rank,
        "lora.alpha": alpha,
        "losses": {loss: 1.0} if loss else None,
        "teacher.model": teacher,
        "optimization.epochs": epochs,
        "optimization.learning_rate": learning_rate,
        "seed": seed,
    }
    with told_problems():
        from sidecar.cli.work_progress import work_progress
        from sidecar.config.errors import ConfigurationError
        from sidecar.config.profile import named_profile
        from sidecar.model.errors import ModelError
        from sidecar.stack.paths import cache_folder
        from sidecar.training.gathering import Inputs
        from sidecar.training.settings import load_recipe

        settings = load_recipe(recipe).changed(
            {key: value for key, value in flat.items() if value is not None}, "options"
        )
        inputs = Inputs(
            products,
            named_profile(_profiles(profiles), profile).document,
            judgments=judgments,
            pools=pools,
            clicks=clicks,
            stop_by=stop_by,
            keep_apart=keep_apart,
            locales=tuple(locale or ()),
        )
        options: dict[str, Any] = {
            "cache": cache_folder(),
            "resume": resume,
            "restart": restart,
            "threads": threads,
            "progress": lambda what: work_progress(what, 1.0),
        }
        try:
            _run(settings, inputs, output.expanduser(), grid, options, as_json)
        except ModelError as error:
            raise failure(error) from error
        except ModuleNotFoundError as error:
            if error.name is None or error.name.startswith("sidecar"):
                raise
            raise failure(
                f"package `{error.name}` is missing. Run `pip install 'reshelf[train]'`."
            ) from error
        except OSError as error:
            raise ConfigurationError(f"{output}: cannot be written: {error}.") from error


def register(_app: typer.Typer) -> None:
    """`train` is already a command of `reshelf model`: importing this file added it."""


def _profiles(folder: Path | None) -> "dict[str, Profile]":
    from sidecar.cli.pipeline import plugin_config
    from sidecar.config.profile import load_profiles

    return load_profiles(folder or plugin_config() / "profiles")


def _run(
    settings: "Settings",
    inputs: "Inputs",
    output: Path,
    grid: Path | None,
    options: dict[str, Any],
    as_json: bool,
) -> None:
    from sidecar.training.grid import as_markdown, load_grid, search_grid
    from sidecar.training.run import train as run

    if grid is not None:
        cells = search_grid(
            settings,
            load_grid(grid),
            output,
            lambda variant, folder: run(variant, inputs, folder, **options),
        )
        if as_json:
            typer.echo((output / "grid.json").read_text(encoding="utf-8"))
        else:
            typer.echo(as_markdown(cells))
        return
    _tell(run(settings, inputs, output, **options), as_json)


def _tell(trained: "Trained", as_json: bool) -> None:
    for source, problems in trained.problems.items():
        for problem in problems[:SHOWN]:
            typer.echo(f"{source}: {problem}", err=True)
        if len(problems) > SHOWN:
            typer.echo(f"{source}: … and {len(problems) - SHOWN} more", err=True)
    if as_json:
        counted = {source: len(problems) for source, problems in trained.problems.items()}
        answer = {"folder": str(trained.folder), "problems": counted, "card": trained.card}
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    figure = "" if trained.development is None else f", nDCG@10 {trained.development:.4f} on held-out queries"
    typer.echo(f"Trained for {trained.card['steps']} steps{figure}: {trained.folder}")
