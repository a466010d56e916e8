"""`reshelf rules stats`: what rules did, and what came of it."""

import json
from typing import Annotated

import typer

from sidecar.cli.rules import AsJson, rules
from sidecar.cli.rules_history import Config
from sidecar.cli.serve import DEFAULT_FILE


@rules.command()
def stats(
    since: Annotated[
        str | None, typer.Option(help="From this day on, UTC, such as 2027-05-01. Default: 30 days ago.")
    ] = None,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Count how often each rule matched, acted, lost, was honoured or failed, and what it did to clicks.

    Example: `reshelf rules stats --since 2027-05-01`

    Rules with a `holdout` are compared with the searches that they stayed out of: clicks a search, the
    difference, its 95 % interval. Live rules that never matched are listed. All is read from the served log;
    crawlers are not in it, so rules for crawlers only are told apart.
    """
    from sidecar.cli.steps.rules_stats_flow import gather_stats, show_stats
    from sidecar.cli.steps.served_flow import told_log_problems

    with told_log_problems(as_json):
        told = gather_stats(config, since)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        show_stats(told)
