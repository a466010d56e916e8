"""`reshelf rules publish | rollback`: make rules live, go back."""

import json
from typing import Annotated

import typer

from sidecar.cli.rules import AsJson, RulesFolder, rules, rules_folder
from sidecar.cli.rules_history import Config
from sidecar.cli.serve import DEFAULT_FILE

Who = Annotated[
    str | None,
    typer.Option("--as", help="Who publishes, for the history. Default: the user of the system."),
]
Why = Annotated[str, typer.Option("--why", help="The reason, for the history.")]


@rules.command()
def publish(
    why: Why = "",
    who: Who = None,
    folder: RulesFolder = None,
    index: Annotated[
        str | None, typer.Option("--index", help="Check fields, filters and pins against this index as well.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and show what would change, and publish nothing.")
    ] = False,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Make the folder's rules live in all sidecars, within two seconds; or not at all.

    Example: `reshelf rules publish --why "spring campaign, ticket 88"`

    Errors that `reshelf rules lint` finds and golden tests that fail stop it. Of two people who publish at
    once one wins, and the other is told. Shoppers in the midst of a list keep its order for its further pages
    (`reshelf.pages.ttl`, a minute).
    """
    from sidecar.cli.steps.rules_publishing import publish_rules, show_publishing
    from sidecar.cli.steps.rules_store import told_rules_problems

    with told_rules_problems(as_json):
        done = publish_rules(config, rules_folder(folder), who=who, why=why, index=index, dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(done.to_json(), ensure_ascii=False))
    else:
        show_publishing(done)
    if done.is_stopped:
        raise typer.Exit(1)


@rules.command()
def rollback(
    number: Annotated[
        int | None,
        typer.Argument(min=1, help="The version whose rules shall be live again. Default: the last."),
    ] = None,
    why: Why = "",
    who: Who = None,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Make the rules of an older version live again, as a new version: the history only grows.

    Example: `reshelf rules rollback 11 --why "the pins of 12 hide what sells"`

    Neither lint nor tests hold it up. Once more goes one version further back.
    """
    from sidecar.cli.steps.rules_publishing import roll_back, show_publishing
    from sidecar.cli.steps.rules_store import told_rules_problems

    with told_rules_problems(as_json):
        done = roll_back(config, number, who=who, why=why)
    if as_json:
        typer.echo(json.dumps(done.to_json(), ensure_ascii=False))
    else:
        show_publishing(done)
