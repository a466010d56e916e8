"""`reshelf rules`: layout rules, from the folder that they are written in to the sidecars that run them."""

from pathlib import Path
from typing import Annotated

import typer

rules = typer.Typer(name="rules", help="Check, try, publish and follow layout rules.", no_args_is_help=True)

RulesFolder = Annotated[
    Path | None,
    typer.Option("--dir", metavar="DIR", help="Where rules are written. Default: plugin_config/rules."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")]


def register(app: typer.Typer) -> None:
    """Adds `reshelf rules`; other files add their commands to `rules`."""
    app.add_typer(rules)


def rules_folder(folder: Path | None) -> Path:
    """The folder that a command works on."""
    from sidecar.cli.pipeline import plugin_config

    return folder or plugin_config() / "rules"
