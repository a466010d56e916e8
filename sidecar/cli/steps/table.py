"""Rows of equal keys, as a table on the terminal."""

from collections.abc import Mapping, Sequence


def show_table(rows: Sequence[Mapping[str, object]]) -> None:
    """Prints rows of equal keys; there is at least one."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*[key.replace("_", " ") for key in rows[0]])
    for row in rows:
        table.add_row(*[str(value) for value in row.values()])
    Console().print(table)
