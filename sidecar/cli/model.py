"""`reshelf model`: make, list, check and measure the model that Triton and the in-process scorer load."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

model = typer.Typer(name="model", help="Build and check the model that scores.", no_args_is_help=True)

Repository = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", help="The Triton model repository. Default: .reshelf/models in this clone."
    ),
]
UNSHOWN = {"folder", "card", "dimensions"}
"""What `list` tells as JSON only: a table must fit a terminal."""
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")]


def register(app: typer.Typer) -> None:
    """Adds `reshelf model`."""
    app.add_typer(model)


@model.command()
def build(
    weights: Annotated[
        str, typer.Option(help="`minilm-l6`, a folder with a BERT model, or a Hugging Face hub name.")
    ] = "minilm-l6",
    adapter: Annotated[
        str,
        typer.Option(
            help="A folder in PEFT's format, `none`, or `default`: the shipped one where there is one for "
            "these weights. With an adapter, or weights with a classifier, a cross-encoder is built; else a "
            "bi-encoder."
        ),
    ] = "default",
    vectors: Annotated[
        str,
        typer.Option(help="What makes a cross-encoder's vectors: weights as for --weights, or `none`."),
    ] = "minilm-l6",
    precision: Annotated[
        str, typer.Option(help="`int8` (fast on CPUs) or `fp32` (exact, and for GPUs).")
    ] = "int8",
    max_length: Annotated[
        int | None,
        typer.Option(
            help="Tokens read of a text, 64 to 256 (bi-encoder, default 64), or of a pair, 64 to 512 "
            "(cross-encoder, default 96); 0 for the default."
        ),
    ] = None,
    card: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="An evaluation's card (`reshelf evaluate --card`) to go with it."
        ),
    ] = None,
    output: Repository = None,
    force: Annotated[bool, typer.Option(help="Build again even if nothing changed.")] = False,
    products: Annotated[
        Path | None,
        typer.Option(help="With --judgments: tell what each precision costs on these, as `model compare`."),
    ] = None,
    judgments: Annotated[Path | None, typer.Option(help="Judged queries for --products.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make the versioned model folder from weights; nothing is done if it is up to date.

    Example: `reshelf model build --adapter none --precision fp32`

    With --products and --judgments it also measures a cross-encoder's precisions, prints the table, and
    leaves the plot and those that no other beats in bench-results/model-compare.
    """
    if (products is None) != (judgments is None):
        raise failure("--products and --judgments go together: give both, or neither.")
    from rich.console import Console

    from sidecar.cli.pipeline import plugin_config
    from sidecar.cli.steps.trade_off import RESULTS, show_trade_off, trade_off
    from sidecar.config.errors import ConfigurationError
    from sidecar.model.build import build_model
    from sidecar.model.errors import ModelError
    from sidecar.stack.paths import cache_folder

    try:
        with Console(stderr=True).status("Building the model …") as status:
            built = build_model(
                repository(output),
                cache=cache_folder(),
                weights=weights,
                adapter=adapter,
                vectors=vectors,
                precision=precision,
                max_length=max_length,
                card=card,
                force=force,
                progress=lambda step: status.update(f"Building the model: {step} …"),
            )
        measured = None
        if products is not None and judgments is not None:
            measured = trade_off(
                products,
                judgments,
                RESULTS,
                profiles=plugin_config() / "profiles",
                weights=weights,
                adapter=adapter,
                others={},
                keep=True,
            )
    except (ModelError, ConfigurationError) as error:
        raise failure(error) from error
    if as_json:
        answer = {
            "folder": str(built.folder),
            "version": built.version,
            "fingerprint": built.fingerprint,
            "kind": built.kind,
            "reused": built.reused,
        }
        if measured is not None:
            answer["compared"] = asdict(measured)
        print(json.dumps(answer))
    else:
        print(f"{built.fingerprint}: {'up to date' if built.reused else 'built'} in {built.folder}")
        if measured is not None:
            show_trade_off(measured, RESULTS)


@model.command(name="list")
def list_versions(output: Repository = None, as_json: AsJson = False) -> None:
    """List the built versions, and which part they have in the local stack: live, previous, candidate.

    Example: `reshelf model list`
    """
    from sidecar.cli.steps.rollout_target import parts_in_stack
    from sidecar.inference import ModelFolderError, read_manifest
    from sidecar.inference.model_folder import MANIFEST
    from sidecar.model.build import CARD
    from sidecar.model.checksums import sha256_of
    from sidecar.model.folders import MODEL, version_folders

    versions = []
    parts = parts_in_stack()
    for folder in version_folders(repository(output) / MODEL):
        try:
            manifest = read_manifest(folder)
        except ModelFolderError as error:
            raise failure(error) from error
        versions.append(
            {
                "version": int(folder.name),
                "fingerprint": manifest.fingerprint,
                "kind": manifest.kind,
                "precision": manifest.precision,
                "max_length": manifest.max_length,
                "dimensions": manifest.dimensions,
                "megabytes": round(
                    sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1
                ),
                "card": (folder / CARD).is_dir(),
                "part": parts.get(sha256_of(folder / MANIFEST), ""),
                "folder": str(folder),
            }
        )
    if as_json:
        print(json.dumps({"versions": versions}))
    elif not versions:
        print("No model built yet. Run `reshelf model build`.")
    else:
        from sidecar.cli.steps.table import show_table

        show_table([{key: version[key] for key in version if key not in UNSHOWN} for version in versions])


@model.command()
def verify(
    output: Repository = None,
    served: Annotated[
        Path | None,
        typer.Option("--repository", help="Check what Triton serves from this folder, not what was built."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare every file of the built (or the served) versions with its checksum; exit code 1 if one differs.

    Example: `reshelf model verify`
    """
    from sidecar.model.folders import MODEL, served_folders, version_folders
    from sidecar.model.verify import problems

    if served is not None:
        found = {name: problems(folder) for name, folder in served_folders(served).items()}
    else:
        found = {folder.name: problems(folder) for folder in version_folders(repository(output) / MODEL)}
    if not found:
        where = served or repository(output) / MODEL
        raise failure(f"{where}: no model there. Run `reshelf model {'deploy' if served else 'build'}`.")
    if as_json:
        print(
            json.dumps(
                {"versions": {name: {"ok": not wrong, "problems": wrong} for name, wrong in found.items()}}
            )
        )
    else:
        for name, wrong in found.items():
            print(f"version {name}: {'ok' if not wrong else 'damaged'}")
            for line in wrong:
                print(f"  {line}")
    if any(found.values()):
        fix = "deploy" if served else "build --force"
        raise failure(f"The model is not as it was built. Run `reshelf model {fix}`.")


def repository(output: Path | None) -> Path:
    """The model repository that a command works on."""
    from sidecar.stack.errors import StackError
    from sidecar.stack.paths import state_folder

    if output is not None:
        return output.expanduser().resolve()
    try:
        return state_folder() / "models"
    except StackError as error:
        raise failure(f"{error} Or name a folder with --output.") from error


def failure(error: object) -> typer.Exit:
    """Says what went wrong on stderr; raise what it answers."""
    typer.echo(f"Error: {error}", err=True)
    return typer.Exit(1)
