"""Where `reshelf evaluate` writes: tables for people, JSON, a table of queries, a model card."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from sidecar.cli.steps.output_files import check_output_folder
from sidecar.evaluation.per_query import check_format, rows, write_rows
from sidecar.evaluation.report import Report
from sidecar.evaluation.slices import Slicer


@dataclass(frozen=True)
class Outputs:
    """The options --json, --per-query and --card."""

    json_out: str | None
    per_query: Path | None
    card: Path | None

    def check(self) -> None:
        """Minutes of measuring must not end in a folder that is not there. Raises ConfigurationError."""
        check_output_folder("--json", self.json_out)
        if self.per_query is not None:
            check_format(self.per_query)
            check_output_folder("--per-query", self.per_query)
        if self.card is not None:
            from sidecar.evaluation.card import check_folder  # draws: fails early where matplotlib is missing

            check_folder(self.card)

    def write(self, figures: Mapping[str, Any], tables: Iterable[Table]) -> None:
        """The figures as JSON, and tables for people: with the JSON on stdout, those go to stderr."""
        console = Console(stderr=self.json_out == "-")
        for table in tables:
            console.print(table)
        if self.json_out == "-":
            typer.echo(json.dumps(figures, ensure_ascii=False))
        elif self.json_out is not None:
            text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
            Path(self.json_out).write_text(text, encoding="utf-8")

    def write_files(
        self,
        report: Report,
        slicers: Mapping[str, Slicer],
        judgments: Path,
        products: Path | None,
        index: str | None,
        sample: int | None,
        seed: int,
    ) -> None:
        """The table of queries and the model card, where they were asked for."""
        if self.per_query is not None:
            write_rows(self.per_query, rows(report.measured, slicers))
        if self.card is not None:
            from sidecar.evaluation.card import MeasuredOn, write_card

            found = _described(products) if products and not index else {"name": f"the index {index}"}
            write_card(self.card, report, MeasuredOn(_described(judgments), found, sample, seed))
            typer.echo(f"reshelf: the model card is in {self.card}", err=True)


def _described(path: Path) -> dict[str, Any]:
    """A file's name and checksum: not where it lies, which says nothing to others."""
    with path.open("rb") as file:
        return {"name": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}
