"""`reshelf events replay`: what the sidecar would learn from a log of events."""

import json
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.events import events
from sidecar.cli.opensearch_target import told_problems
from sidecar.cli.pipeline import ProfilesFolder


@events.command()
def replay(
    file: Annotated[Path, typer.Argument(help="UBI events: NDJSON (also bulk), or a JSON array; .gz too.")],
    products: Annotated[
        Path | None,
        typer.Option(help="The shop's products (NDJSON, .gz), for their brands, colours, … by `product_id`."),
    ] = None,
    first_position: Annotated[
        int, typer.Option(min=0, max=1, help="What the log's writers call the first place of a list.")
    ] = 0,
    profile: Annotated[
        str | None, typer.Option(help="A profile with `personalization`. Default: its defaults.")
    ] = None,
    profiles: ProfilesFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout.")] = False,
) -> None:
    """Run a log of events through attribution, profiles and blend, in memory, and tell what came of it.

    Example: `reshelf events replay ubi_events.ndjson.gz --products products.jsonl.gz`

    Nothing is kept. The log's impressions stand for what was served: their order is all the relevance there
    is, so the figures tell whether the path works on real events and whether tastes foretell clicks, not what
    personalization would gain. With `--profile` a section `personalization` is tried before searches use it:
    does the shop's `item_vector` foretell its clicks better?
    """
    from sidecar.cli.steps.personal_section import personal_section
    from sidecar.cli.steps.replay_flow import run_replay, show_replay

    with told_problems():
        try:
            settings = personal_section(profile, profiles)
            report = run_replay(file, products, first_position, settings)
        except OSError as error:
            typer.echo(f"reshelf: {error}", err=True)
            raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(report.to_json()))
    else:
        show_replay(report)
