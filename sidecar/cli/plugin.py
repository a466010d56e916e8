"""`reshelf plugin`: the OpenSearch plugin, from its sources."""

import json
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to `reshelf`."""
    plugin = typer.Typer(no_args_is_help=True, help="Build the OpenSearch plugin.")
    plugin.command("build")(build)
    app.add_typer(plugin, name="plugin")


def build(
    with_tests: Annotated[bool, typer.Option(help="Run the plugin's unit tests too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON on stdout.")] = False,
) -> None:
    """Build the plugin's zip with Maven, unless its sources are unchanged, and print the zip's path.

    Example: `bin/opensearch-plugin install file://$(reshelf plugin build)`
    """
    from sidecar.cli.stack_output import Parts, told_errors
    from sidecar.stack.plugin_build import build_plugin

    with told_errors(), Parts(["plugin"], task="plugin build") as parts, parts.part("plugin") as tell:
        outcome = build_plugin(with_tests=with_tests, tell=tell)
        tell("built" if outcome.built else "unchanged, nothing to build")
    if as_json:
        answer = {"zip": str(outcome.zip), "sources": outcome.sources, "built": outcome.built}
        typer.echo(json.dumps({**answer, "tested": outcome.tested, "seconds": round(outcome.seconds, 1)}))
    else:
        typer.echo(outcome.zip)
