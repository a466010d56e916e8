"""Options of commands that search with people's queries."""

from pathlib import Path
from typing import Annotated

import typer

QueryWords = Annotated[list[str] | None, typer.Argument(metavar="[QUERY]...", help="Queries.")]
QueryFile = Annotated[
    Path | None,
    typer.Option(
        "--queries",
        metavar="FILE",
        help="A file of queries: one a line, or NDJSON with `user_query` (UBI) or `query` (judgments). "
        "The most frequent are taken.",
    ),
]
MostFrequent = Annotated[
    int, typer.Option("--top", min=1, max=10_000, help="So many of the most frequent queries.")
]
