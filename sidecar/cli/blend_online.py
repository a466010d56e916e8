"""`reshelf blend-online`: the weights that are learned while searches run."""

import json
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.serve import DEFAULT_FILE

blend_online = typer.Typer(
    name="blend-online",
    help="Look at the blend that is learned from clicks, keep a copy, go back to one.",
    no_args_is_help=True,
)

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The settings of the sidecar whose records are meant.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")]


def register(app: typer.Typer) -> None:
    """Adds `reshelf blend-online`."""
    app.add_typer(blend_online)


@blend_online.command()
def status(config: Config = DEFAULT_FILE, as_json: AsJson = False) -> None:
    """Show the learned weights, whether they have proven themselves, and the snapshots.

    Example: `reshelf blend-online status`
    """
    from sidecar.cli.steps.blend_online_flow import blend_status, show_status
    from sidecar.cli.steps.shopper_records import told_store_problems

    with told_store_problems():
        told = blend_status(config)
    if as_json:
        typer.echo(json.dumps(told))
    else:
        show_status(told)


@blend_online.command()
def snapshot(config: Config = DEFAULT_FILE, as_json: AsJson = False) -> None:
    """Keep a copy of the weights as they are.

    Example: `reshelf blend-online snapshot`
    """
    from sidecar.cli.steps.blend_online_flow import take_snapshot
    from sidecar.cli.steps.shopper_records import told_store_problems

    with told_store_problems():
        name = take_snapshot(config)
    typer.echo(json.dumps({"snapshot": name}) if as_json else f"snapshot {name}")


@blend_online.command()
def rollback(
    name: Annotated[
        str, typer.Argument(help="A snapshot's name, as `reshelf blend-online status` tells it.")
    ],
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Go back to a snapshot. Sidecars take it up within `online_blend.refresh_ms`, and learn on from it.

    Example: `reshelf blend-online rollback 1795910400`
    """
    from sidecar.cli.steps.blend_online_flow import restore_snapshot
    from sidecar.cli.steps.shopper_records import told_store_problems

    with told_store_problems():
        restore_snapshot(config, name)
    typer.echo(json.dumps({"restored": name}) if as_json else f"restored {name}")
