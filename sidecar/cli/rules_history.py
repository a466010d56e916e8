"""`reshelf rules history | diff`: what was published, and what differs."""

import json
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.rules import AsJson, RulesFolder, rules, rules_folder
from sidecar.cli.serve import DEFAULT_FILE

Config = Annotated[
    Path,
    typer.Option("--config", "-c", help="The settings of the sidecars that follow the published rules."),
]


@rules.command()
def history(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the newest versions.")] = 20,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Show the published versions: when, who, why; and whether the history is as it was written.

    Example: `reshelf rules history --limit 5`

    Ends with exit code 1 where a version is damaged, missing, or was changed after it was published.
    """
    from sidecar.cli.steps.rules_history_flow import read_history, show_history
    from sidecar.cli.steps.rules_store import told_rules_problems

    with told_rules_problems(as_json):
        told = read_history(config, limit)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        show_history(told)
    if any(release["problem"] for release in told["versions"]):
        raise typer.Exit(1)


@rules.command()
def diff(
    before: Annotated[
        str, typer.Argument(metavar="[BEFORE]", help="A version's number, `live` or `folder`.")
    ] = "live",
    after: Annotated[
        str, typer.Argument(metavar="[AFTER]", help="A version's number, `live` or `folder`.")
    ] = "folder",
    folder: RulesFolder = None,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two versions, or between the live one and the folder: word by word.

    Example: `reshelf rules diff` shows what publishing would change; `reshelf rules diff 11 12` what it did.
    """
    from sidecar.cli.steps.rules_difference_told import counted, show_difference
    from sidecar.cli.steps.rules_history_flow import compare
    from sidecar.cli.steps.rules_store import told_rules_problems

    with told_rules_problems(as_json):
        changes = compare(config, rules_folder(folder), before, after)
    if as_json:
        told = {"before": before, "after": after, "changes": [change.to_json() for change in changes]}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    show_difference(changes)
    typer.echo(f"{before} → {after}: {counted(changes)}")
