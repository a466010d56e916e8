"""A served list for people."""

from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table


def show_list(told: dict[str, Any], hits: int) -> None:
    """Prints the list's first hits."""
    console = Console(highlight=False)
    moment = datetime.fromtimestamp(told["time"], UTC).isoformat(" ", "seconds")
    size = told["page_size"]
    first = told["page_start"] + 1
    page = f"places {first}–{told['page_start'] + size}" if size else "not told"
    console.print(f"Served {moment}, {len(told['hits'])} hits, pages asked for: {page}.", markup=False)
    if told["versions"]:
        console.print(" ".join(f"{name}={value}" for name, value in told["versions"].items()), markup=False)
    table = Table("place", "first stage", "id", "score", "personal", "outcome")
    for place, hit in enumerate(told["hits"][:hits], 1):
        fetched = hit.get("fetched", False)
        table.add_row(
            str(place),
            "fetched" if fetched else str(hit["rank"]),
            hit["id"],
            "" if fetched else f"{hit['score']:.3f}",
            "" if fetched else f"{hit['residual']:+.3f}",
            hit.get("outcome", "" if hit["seen"] or fetched else "not on a page"),
        )
    console.print(table)
