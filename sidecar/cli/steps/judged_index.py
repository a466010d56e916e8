"""Judged queries and an index of the products that they judge, for commands that measure or learn."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import typer
from opensearchpy import OpenSearch

from sidecar.cli.data import tell_refusals
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.index import temporary_index
from sidecar.evaluation.judgments import JudgedQuery, read_judgments
from sidecar.opensearch.product_files import ProductFile, open_products

SHOWN = 20


def judged(path: Path) -> list[JudgedQuery]:
    """The judged queries; what counts but needs a look is told."""
    found = read_judgments(path)
    for lines, what in ((found.repeated, "repeated judgments"), (found.doubtful, "doubtful queries")):
        for line in lines[:SHOWN]:
            warn(line)
        if lines:
            warn(f"{path.name}: {len(lines)} {what}; they count as they are")
    return found.queries


def products_of(path: Path | None) -> ProductFile:
    if path is None:
        raise ConfigurationError("Name the products with --products FILE, or an index with --index NAME.")
    return open_products(path)


@contextmanager
def loaded(client: OpenSearch, rows: ProductFile, pipeline: str | None, keep: bool) -> Iterator[str]:
    with ExitStack() as stack:
        with work_progress("Loading", rows.total) as tick:
            report = stack.enter_context(
                temporary_index(
                    client,
                    rows,
                    pipeline=pipeline,
                    keep=keep,
                    on_row=lambda number: tick(rows.done, f"{number:,} rows"),
                )
            )
        if report.refused:
            tell_refusals(report, "products")
            warn(f"{report.refused:,} bad products were left out.")
        if keep:
            warn(f"the index stays: {report.index}")
        yield report.index


def warn(text: str) -> None:
    """Says what needs a look, on stderr."""
    typer.echo(f"reshelf: {text}", err=True)
