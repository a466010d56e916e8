"""`reshelf profile`: what is known of a shopper, for the shopper and for whoever answers for it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl
from sidecar.cli.serve import DEFAULT_FILE

profile = typer.Typer(
    name="profile", help="Look at what is known of a shopper, or forget it.", no_args_is_help=True
)

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The settings of the sidecar whose records are meant.")
]
ClientId = Annotated[
    str | None, typer.Option("--client-id", help="The shopper's client id; `-` reads it from stdin.")
]
UserId = Annotated[
    str | None, typer.Option("--user-id", help="The shopper's user id; `-` reads it from stdin.")
]
Ranking = Annotated[
    str | None,
    typer.Option("--profile", help="The ranking profile whose attributes are meant. Default: the default."),
]
Who = Annotated[
    str | None, typer.Option("--as", help="Who looks, for the audit trail. Default: the user of the system.")
]
Why = Annotated[str, typer.Option("--why", help="The reason, for the audit trail.")]
Index = Annotated[
    str | None,
    typer.Option("--index", help="An index whose values are looked up as well, for words of preferences."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")]


def register(app: typer.Typer) -> None:
    """Adds `reshelf profile`."""
    app.add_typer(profile)


@profile.command()
def show(
    client_id: ClientId = None,
    user_id: UserId = None,
    ranking: Ranking = None,
    index: Index = None,
    opensearch: OpenSearchUrl = None,
    why: Why = "",
    who: Who = None,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Show a shopper's preferences, the strongest first, in words where a vocabulary knows them.

    Example: `reshelf profile show --user-id 4711 --why "ticket 88"`

    Effects are in logits of a click. Looking is written to the audit trail.
    """
    from sidecar.cli.steps.profile_flow import look
    from sidecar.cli.steps.profile_output import show_profiles
    from sidecar.cli.steps.shopper_records import told_store_problems

    with told_store_problems():
        told = look(
            "show",
            config,
            client_id,
            user_id,
            ranking=ranking,
            who=who,
            why=why,
            index=index,
            opensearch=opensearch,
        )
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        show_profiles(told)


@profile.command()
def export(
    client_id: ClientId = None,
    user_id: UserId = None,
    ranking: Ranking = None,
    index: Index = None,
    opensearch: OpenSearchUrl = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file for it, readable by its owner. Default: stdout."),
    ] = None,
    why: Why = "",
    who: Who = None,
    config: Config = DEFAULT_FILE,
) -> None:
    """Export all that a shopper's profiles hold as JSON, to hand it to the shopper (GDPR, article 15).

    Example: `reshelf profile export --user-id 4711 --output profile.json --why "request of 2 May"`
    """
    from sidecar.cli.steps.private_file import private_file
    from sidecar.cli.steps.profile_flow import look
    from sidecar.cli.steps.shopper_records import told_store_problems

    with told_store_problems():
        told = look(
            "export",
            config,
            client_id,
            user_id,
            ranking=ranking,
            who=who,
            why=why,
            index=index,
            opensearch=opensearch,
        )
    text = json.dumps(told, ensure_ascii=False, indent=2)
    if output is None:
        typer.echo(text)
        return
    try:
        with private_file(output) as file:
            file.write(f"{text}\n".encode())
    except OSError as error:
        typer.echo(f"reshelf: {output}: cannot be written: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{output}: {len(told['profiles'])} profiles")


@profile.command()
def forget(
    client_id: ClientId = None,
    user_id: UserId = None,
    only_this: Annotated[
        bool, typer.Option("--only-this", help="Not what is linked: a user's devices, a device's users.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    why: Why = "",
    who: Who = None,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Forget a shopper: the profiles, those that are linked, and what was served to them.

    Example: `reshelf profile forget --user-id 4711 --yes --why "request of 2 May"`

    Late events and replayed logs do not bring the shopper back. What is done from now on counts again.
    """
    from sidecar.cli.steps.profile_flow import family_of, forget_shopper
    from sidecar.cli.steps.shopper_records import told_store_problems

    with told_store_problems():
        if not yes:
            if "-" in (client_id, user_id):
                typer.echo("reshelf: an id from stdin leaves nothing to answer with: add --yes", err=True)
                raise typer.Exit(2)
            count = family_of(config, client_id, user_id, only_this=only_this)
            typer.confirm(f"Forget {count} profile(s) and what was served to them?", abort=True)
        told = forget_shopper(config, client_id, user_id, only_this=only_this, who=who, why=why)
    if as_json:
        typer.echo(json.dumps(told))
        return
    typer.echo(f"profiles: {told['profiles']} forgotten")
    for place, removed in told["elsewhere"].items():
        typer.echo(f"{place}: {removed} removed")
    for place, reason in told["failed"].items():
        typer.echo(f"{place}: NOT forgotten: {reason} Run the command again.", err=True)
    if told["failed"]:
        raise typer.Exit(1)


@profile.command()
def audit(
    client_id: ClientId = None,
    user_id: UserId = None,
    most: Annotated[int, typer.Option("--most", min=1, help="So many entries, the latest.")] = 50,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Show who looked at profiles, forgot them or switched personalization, and why.

    Example: `reshelf profile audit --user-id 4711 --json`

    Without an id: of all shoppers.
    """
    from dataclasses import asdict

    from sidecar.cli.steps.profile_flow import audit_entries
    from sidecar.cli.steps.shopper_records import told_store_problems

    with told_store_problems():
        entries = [asdict(entry) for entry in audit_entries(config, client_id, user_id)][-most:]
    if as_json:
        typer.echo(json.dumps({"entries": entries}, ensure_ascii=False))
    elif entries:
        from sidecar.cli.steps.table import show_table

        show_table([{**entry, "shoppers": " ".join(entry["shoppers"])} for entry in entries])
    else:
        typer.echo("Nobody looked yet.")
