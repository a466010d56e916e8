"""`reshelf bench-layout`: what variety costs in relevance, and the layout stage in time."""

from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster, told_problems
from sidecar.cli.pipeline import ProfilesFolder


def register(app: typer.Typer) -> None:
    """Add the command to `reshelf`."""
    app.command("bench-layout")(bench_layout)


def bench_layout(
    products: Annotated[
        Path | None,
        typer.Option(help="Products to report on, beside the shop of our own that chooses the setting."),
    ] = None,
    judgments: Annotated[
        Path | None, typer.Option(help="Their judged queries, as for `reshelf evaluate`.")
    ] = None,
    profile: Annotated[str, typer.Option(help="The ranking profile.")] = "default",
    model: Annotated[str, typer.Option(help="int8, fp32, or the folder of a built model.")] = "int8",
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the trade-off as SVG.")] = None,
    json_out: Annotated[
        str | None, typer.Option("--json", metavar="OUT", help="Write the figures as JSON; - is stdout.")
    ] = None,
    opensearch: OpenSearchUrl = None,
    profiles: ProfilesFolder = None,
) -> None:
    """Rank judged queries by relevance, vary the first ten in many ways, and tell what each costs and brings.

    Example: `reshelf bench-layout --products products.jsonl.gz --judgments judgments.jsonl --plot curve.svg`

    Every setting rearranges the very same order, by the code that serves, query by query. nDCG@10 is by the
    judgments; diversity@10 the mean distance of the first hits in brand, categories and title; `unseen` the
    same in what no setting reads (the model's vectors, the long texts). The setting to recommend is chosen on
    the shop of our own, cross-validated; the other products only report. Needs a running OpenSearch:
    `reshelf stack up --scorer order`.
    """
    if (products is None) != (judgments is None):
        raise typer.BadParameter("give both --products and --judgments, or neither")
    with told_problems():
        from sidecar.cli.steps.layout_flow import LayoutBench, run_layout_bench

        run_layout_bench(
            cluster(opensearch),
            LayoutBench(products, judgments, profile, model, plot, json_out, profiles),
        )
