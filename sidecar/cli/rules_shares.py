"""`reshelf rules shares`: which share of shoppers each variant of a page should get."""

import json
from typing import Annotated

import typer

from sidecar.cli.rules import AsJson, rules
from sidecar.cli.rules_history import Config
from sidecar.cli.serve import DEFAULT_FILE


@rules.command()
def shares(
    rule: Annotated[str, typer.Argument(help="The rule whose page has variants.")],
    since: Annotated[
        str | None, typer.Option(help="From this day on, UTC, such as 2027-05-01. Default: 30 days ago.")
    ] = None,
    floor: Annotated[
        float, typer.Option(min=0, max=0.5, help="No variant gets less, so that it can come back.")
    ] = 0.05,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Tell the `shares` of a page's variants: how likely each is the best by clicks a search.

    Example: `reshelf rules shares front-page --since 2027-05-01`

    Thompson sampling over the served log: only shoppers who are known count, because all others get the first
    variant by name, and only searches since the page became what it is. Put the line into the rule and
    publish it; nothing is changed here.
    """
    from sidecar.cli.steps.rules_shares_flow import shares_of
    from sidecar.cli.steps.served_flow import told_log_problems

    with told_log_problems(as_json):
        told = shares_of(config, rule, since, floor)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(f"since {told['since']}", err=True)
    for name, counts in told["variants"].items():
        typer.echo(f"{name}: {counts['clicks']:,} clicks in {counts['searches']:,} searches", err=True)
    pairs = ", ".join(
        f"{json.dumps(name, ensure_ascii=False)}: {share:g}" for name, share in told["shares"].items()
    )
    typer.echo(f"shares: {{{pairs}}}")
