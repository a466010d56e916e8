"""`reshelf data`: put products into OpenSearch."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster, told_problems
from sidecar.cli.pipeline import PipelinesFolder, ProfilesFolder

if TYPE_CHECKING:
    from sidecar.opensearch.loading import LoadReport

SHOWN_REFUSALS = 20


def register(app: typer.Typer) -> None:
    """Add the commands to `reshelf`."""
    data = typer.Typer(no_args_is_help=True, help="Put products into OpenSearch.")
    data.command("load")(load)
    app.add_typer(data, name="data")


def load(
    products: Annotated[Path, typer.Option(help="JSON lines (plain or .gz) or ESCI's products.parquet.")],
    index: Annotated[str, typer.Option(help="The index to fill, or an alias of one.")],
    opensearch: OpenSearchUrl = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put the file in place of what the index holds.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Load nothing if one row is bad.")] = False,
    locale: Annotated[
        list[str] | None, typer.Option(help="Of a parquet file, only this locale, e.g. us. Repeatable.")
    ] = None,
    no_pipeline: Annotated[
        bool, typer.Option("--no-pipeline", help="Do not apply plugin_config/pipelines/.")
    ] = False,
    pipelines: PipelinesFolder = None,
    profiles: ProfilesFolder = None,
    with_vocabulary: Annotated[
        bool, typer.Option("--vocabulary/--no-vocabulary", help="Build the index's vocabulary as well.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout.")] = False,
) -> None:
    """Load a file of products into an index, and make `reshelf` that index's search pipeline.

    Example: `reshelf data load --products products.jsonl.gz --index shop`

    A new index appears under its name when it is complete. An index that exists is updated product by
    product; with --replace it is filled anew and switched at the end. Bad rows are named and left out, and
    the exit code is then 1. What the products are called is read into a vocabulary for query understanding,
    in .reshelf/vocabularies of this clone; outside a clone that is left out.
    """
    with told_problems():
        from sidecar.cli.pipeline import configured_pipeline
        from sidecar.cli.work_progress import work_progress
        from sidecar.opensearch.loading import RefusedRowsError, load_products
        from sidecar.opensearch.pipeline_file import PIPELINE
        from sidecar.opensearch.product_files import open_products
        from sidecar.opensearch.search_pipeline import apply_pipeline, set_default

        rows = open_products(products, locale or ())
        body = None if no_pipeline else configured_pipeline(pipelines, profiles)
        client = cluster(opensearch)
        if body is not None:
            apply_pipeline(client, body)
        pipeline = None if no_pipeline else PIPELINE
        with work_progress(f"Loading {products.name}", rows.total) as tick:
            try:
                report = load_products(
                    client,
                    rows,
                    index,
                    replace=replace,
                    strict=strict,
                    pipeline=pipeline,
                    on_row=lambda number: tick(rows.done, f"{number:,} rows"),
                )
            except RefusedRowsError as error:
                tell_refusals(error.report, products.name)
                raise
        if pipeline and report.existed and not replace:
            set_default(client, index)
        tell_refusals(report, products.name)
        if with_vocabulary:
            from sidecar.cli.steps.vocabulary_build import build_default_vocabulary

            build_default_vocabulary(client, index)
    _tell(report, pipeline, as_json)
    if report.refused:
        raise typer.Exit(1)


def tell_refusals(report: "LoadReport", file: str) -> None:
    """Name the first bad rows on stderr."""
    for refusal in report.refusals[:SHOWN_REFUSALS]:
        name = f" ({refusal.id})" if refusal.id else ""
        typer.echo(f"{file}:{refusal.number}{name}: {refusal.reason}", err=True)
    if report.refused > SHOWN_REFUSALS:
        typer.echo(
            f"… and {report.refused - SHOWN_REFUSALS:,} more; --json names the first thousand.", err=True
        )


def _tell(report: "LoadReport", pipeline: str | None, as_json: bool) -> None:
    if as_json:
        refusals = [
            {"row": refusal.number, "id": refusal.id, "reason": refusal.reason} for refusal in report.refusals
        ]
        answer = {"index": report.index, "loaded": report.loaded, "refused": report.refused}
        typer.echo(json.dumps({**answer, "pipeline": pipeline, "refusals": refusals}, ensure_ascii=False))
        return
    how = f"search pipeline `{pipeline}`" if pipeline else "no search pipeline"
    typer.echo(f"{report.loaded:,} products in `{report.index}` ({how}), {report.refused:,} rows refused")
