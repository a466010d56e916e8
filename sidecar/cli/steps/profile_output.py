"""Profiles as tables for people."""

from typing import Any

from rich.console import Console
from rich.table import Table

SHOWN = 40


def show_profiles(told: dict[str, Any]) -> None:
    """Prints each profile: its figures, and its preferences as a table."""
    console = Console(highlight=False, markup=False)
    if not told["profiles"]:
        console.print("Nothing is known of this shopper.")
    for profile in told["profiles"]:
        console.print(f"profile {profile['key']} ({profile['of']}), {profile['bytes']} bytes")
        if "forgotten_until" in profile:
            console.print(f"  forgotten; events from before {profile['forgotten_until']} do not count")
        if "unreadable" in profile:
            console.print(f"  cannot be read, and is begun anew with the next event: {profile['unreadable']}")
        if "preferences" not in profile:
            continue
        console.print(
            f"  {profile['events_learned']} events learned, the last {profile['updated']}; "
            f"gone {profile['expires']} without further ones"
        )
        columns = ("attribute", "value", "effect", "long term", "session", "last seen")
        table = Table(*columns)
        for row in profile["preferences"][:SHOWN]:
            table.add_row(
                str(row["attribute"]),
                str(row["value"]),
                *(f"{row[name]:+.3f}" for name in ("effect", "long_term", "session")),
                str(row["last_seen"]),
            )
        console.print(table)
        if len(profile["preferences"]) > SHOWN:
            console.print(f"  … {len(profile['preferences']) - SHOWN} weaker ones: see --json")
        if "item_vector" in profile:
            strength = profile["item_vector"]["strength"]
            console.print(f"  an interest in what looks alike (item_vector), strength {strength:.3f}")
