"""`reshelf personalization`: the switch for all sidecars that share a store."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sidecar.cli.serve import DEFAULT_FILE

if TYPE_CHECKING:
    from sidecar.cli.steps.shopper_records import ShopperRecords
    from sidecar.profiles.switch import Position

personalization = typer.Typer(
    name="personalization",
    help="Switch personalization on or off, at once and everywhere.",
    no_args_is_help=True,
)

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The settings of a sidecar that shares the store.")
]
Who = Annotated[str | None, typer.Option("--as", help="Who switches. Default: the user of the system.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object on stdout.")]


def register(app: typer.Typer) -> None:
    """Adds `reshelf personalization`."""
    app.add_typer(personalization)


@personalization.command()
def on(
    why: Annotated[str, typer.Option("--why", help="The reason; shown by `status`.")] = "",
    who: Who = None,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Personalize again, with what was learned before and meanwhile.

    Example: `reshelf personalization on --why "incident 12 is over"`
    """
    _tell(_turn(True, config, who, why), as_json)


@personalization.command()
def off(
    why: Annotated[str, typer.Option("--why", help="The reason; shown by `status`.")] = "",
    who: Who = None,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Rank by relevance alone, for everybody, within half a second. Events are still learned from.

    Example: `reshelf personalization off --why "incident 12"`
    """
    _tell(_turn(False, config, who, why), as_json)


@personalization.command()
def status(config: Config = DEFAULT_FILE, as_json: AsJson = False) -> None:
    """Show whether personalization is on, since when and why.

    Example: `reshelf personalization status --json`
    """

    async def read(records: "ShopperRecords") -> "Position":
        from sidecar.profiles.switch import Switch

        return await Switch(records.store).refresh()

    _tell(_with_records(config, read), as_json)


@personalization.command()
def relate(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write (*.yml).")],
    profile: Annotated[str | None, typer.Option(help="A ranking profile. Default: the sidecar's.")] = None,
    attribute: Annotated[
        list[str] | None, typer.Option(help="Whose values; may be given more than once. Default: brand.")
    ] = None,
    dimensions: Annotated[int, typer.Option(min=1, max=8, help="Of the vectors.")] = 4,
    fewest: Annotated[int, typer.Option(min=2, help="Values that fewer shoppers clicked are left out.")] = 20,
    clicks: Annotated[int, typer.Option(min=100, help="The most that are read.")] = 200_000,
    since: Annotated[
        str | None, typer.Option(help="From this day on, UTC, such as 2026-05-01. Default: all that is kept.")
    ] = None,
    config: Config = DEFAULT_FILE,
    as_json: AsJson = False,
) -> None:
    """Find out which brands the same shoppers like, from what was served and clicked.

    Example: `reshelf personalization relate --output plugin_config/kinship/default.yml`

    A profile that names the file (`personalization.kinship`) then knows of a brand that a shopper has not
    met what the shopper thinks of its like. Worth it from about a thousand shoppers on.
    """
    from sidecar.cli.steps.relate_flow import Relating, relate_values
    from sidecar.cli.steps.served_flow import told_log_problems

    if output.suffix not in (".yml", ".yaml"):
        raise typer.BadParameter(f"{output}: the name ends in .yml", param_hint="--output")
    with told_log_problems():
        told = relate_values(
            Relating(config, output, profile, attribute or ["brand"], dimensions, fewest, clicks, since)
        )
    if as_json:
        typer.echo(json.dumps(told))
    else:
        typer.echo(
            f"{output}: {told['values']} values, by {told['clicks']:,} clicks "
            f"of {told['shoppers']:,} shoppers"
        )


def _turn(enabled: bool, config: Path, who: str | None, why: str) -> "Position":
    async def turn(records: "ShopperRecords") -> "Position":
        from sidecar.cli.steps.shopper_records import os_user
        from sidecar.profiles.switch import Switch

        command = f"personalization {'on' if enabled else 'off'}"
        records.note(command, [], who=who, why=why)
        return await Switch(records.store).set(enabled, why=why, who=who or os_user())

    return _with_records(config, turn)


def _with_records(config: Path, work: "Callable[[ShopperRecords], Awaitable[Position]]") -> "Position":
    from sidecar.cli.steps.shopper_records import open_records, told_store_problems

    async def run() -> "Position":
        async with open_records(config) as records:
            return await work(records)

    with told_store_problems():
        return asyncio.run(run())


def _tell(position: "Position", as_json: bool) -> None:
    from dataclasses import asdict
    from datetime import UTC, datetime

    if as_json:
        typer.echo(json.dumps(asdict(position), ensure_ascii=False))
        return
    told = f"personalization is {'on' if position.enabled else 'off'}"
    if position.since:
        since = datetime.fromtimestamp(position.since, UTC).isoformat(timespec="seconds")
        told += f" since {since}, by {position.who or 'nobody named'}"
    typer.echo(told + (f": {position.why}" if position.why else ""))
