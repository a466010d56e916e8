"""`reshelf served`: what searches were answered with, and rows to train on."""

import json
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.serve import DEFAULT_FILE

served = typer.Typer(
    name="served", help="Look at what was served, and export rows to train on.", no_args_is_help=True
)

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The settings of the sidecar whose log is meant.")
]


def register(app: typer.Typer) -> None:
    """Adds `reshelf served`."""
    app.add_typer(served)


@served.command()
def show(
    query_id: Annotated[str, typer.Argument(help="The query id, as the answer told it; `-` reads stdin.")],
    hits: Annotated[int, typer.Option(min=1, help="How many of the first hits to show.")] = 20,
    why: Annotated[str, typer.Option("--why", help="The reason, for the audit trail.")] = "",
    who: Annotated[
        str | None,
        typer.Option("--as", help="Who looks, for the audit trail. Default: the user of the system."),
    ] = None,
    config: Config = DEFAULT_FILE,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")] = False,
) -> None:
    """Show the list of one search, and what the shopper did with it.

    Example: `reshelf served show 33198ee9-5912-453c-9173-3f92fd3cb1be --why "ticket 88"`

    Looking is written to the audit trail.
    """
    from sidecar.cli.steps.served_flow import read_list, told_log_problems
    from sidecar.cli.steps.served_output import show_list

    with told_log_problems():
        told = read_list(config, query_id, who=who, why=why)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        show_list(told, hits)


@served.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write (*.ndjson, *.ndjson.gz).")],
    since: Annotated[
        str | None, typer.Option(help="From this day on, UTC, such as 2026-05-01. Default: all that is kept.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Before this day, UTC. Default: up to now.")] = None,
    queries: Annotated[
        Path | None,
        typer.Option(
            help="The shop's own `ubi_queries` as NDJSON: write lines to train on, as UBI has them."
        ),
    ] = None,
    outcomes_only: Annotated[
        bool, typer.Option("--outcomes-only", help="Leave out lists that nobody did anything with.")
    ] = False,
    config: Config = DEFAULT_FILE,
    as_json: Annotated[
        bool, typer.Option("--json", help="Tell what was written as one JSON object on stdout.")
    ] = False,
) -> None:
    """Export lists with their outcomes as rows to train on, one a line; no shopper's key is in them.

    Example: `reshelf served export --output rows.ndjson --since 2026-05-01`

    Shoppers who were forgotten are not among them. The log has keys in place of queries: where the words
    are needed (to train on clicks: `reshelf model train --clicks FILE`), `--queries` brings them from the
    shop's own log.
    """
    from sidecar.cli.steps.served_flow import export_rows, told_log_problems

    with told_log_problems():
        told = export_rows(config, output, since, until, queries, outcomes_only=outcomes_only)
    if as_json:
        typer.echo(json.dumps(told))
    else:
        typer.echo(f"{output}: {told['lists']} lists, {told['outcomes']} outcomes")
        if told["without_words"]:
            typer.echo(f"{told['without_words']} lists left out: their query is not in {queries}", err=True)
