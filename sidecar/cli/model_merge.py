"""`reshelf model merge`: a cross-encoder as a checkpoint of its own, with all its layers or some."""

from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.model import failure, model


def register(_app: typer.Typer) -> None:
    """`merge` is already a command of `reshelf model`: importing this file added it."""


@model.command()
def merge(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for the checkpoint.")],
    weights: Annotated[str, typer.Option(help="As for `reshelf model build`.")] = "minilm-l6",
    adapter: Annotated[str, typer.Option(help="As for `reshelf model build`.")] = "default",
    layers: Annotated[
        str | None, typer.Option(help="The layers to keep, counted from 0, joined by commas. Default: all.")
    ] = None,
) -> None:
    """Write base and adapter as one checkpoint; with --layers, what a smaller student starts from.

    Example: `reshelf model merge --output teacher`

    Example: `reshelf model merge --layers 0,2,5 --output start`
    """
    from sidecar.model.errors import ModelError
    from sidecar.model.merge import merge as write
    from sidecar.stack.paths import cache_folder

    try:
        kept = None if layers is None else [int(layer) for layer in layers.split(",")]
    except ValueError:
        raise typer.BadParameter("--layers: give whole numbers joined by commas, as in 0,2,5.") from None
    try:
        folder = write(
            output.expanduser(), cache=cache_folder(), weights=weights, adapter=adapter, layers=kept
        )
    except ModelError as error:
        raise failure(error) from error
    print(f"Written: {folder}")
