"""`reshelf bench-cascade`: what the deadline costs in quality."""

from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster, told_problems
from sidecar.cli.pipeline import ProfilesFolder


def register(app: typer.Typer) -> None:
    """Add the command to `reshelf`."""
    app.command("bench-cascade")(bench_cascade)


def bench_cascade(
    products: Annotated[
        Path | None,
        typer.Option(help="Products for a temporary index. Default: the shop of our own, unless --index."),
    ] = None,
    judgments: Annotated[
        Path | None, typer.Option(help="Judged queries, as for `reshelf evaluate`. Default: the shop's.")
    ] = None,
    index: Annotated[str | None, typer.Option(help="Search this index instead of a temporary one.")] = None,
    deadline: Annotated[float, typer.Option(min=1, help="Milliseconds that a search may take.")] = 150,
    profile: Annotated[str, typer.Option(help="The ranking profile.")] = "default",
    model: Annotated[str, typer.Option(help="int8, fp32, or the folder of a built model.")] = "int8",
    rounds: Annotated[
        int, typer.Option(min=1, help="How often each query runs in each arm with a deadline.")
    ] = 3,
    json_out: Annotated[
        str | None, typer.Option("--json", metavar="OUT", help="Write the figures as JSON; - is stdout.")
    ] = None,
    opensearch: OpenSearchUrl = None,
    profiles: ProfilesFolder = None,
) -> None:
    """Rank the same hits with and without a deadline, and tell what the deadline costs in quality.

    Example: `reshelf bench-cascade --products products.jsonl.gz --judgments judgments.jsonl --deadline 150`

    All hits are ordered by the profile's first step, then the cross-encoder reads the best of them, as many
    as fit. Arms: everything read, the profile without a deadline, with it (documents' vectors cached; nothing
    cached), and as many pairs as fit. They run in this process, by the sidecar's own pipeline, back to back
    for each query, with no cached scores. Needs a running OpenSearch: `reshelf stack up --scorer order`.
    """
    if index is None and (products is None) != (judgments is None):
        raise typer.BadParameter("give both --products and --judgments, or neither")
    if index is not None and (judgments is None or products is not None):
        raise typer.BadParameter("--index goes with --judgments and without --products")
    with told_problems():
        from sidecar.cli.steps.cascade_flow import Cascade, run_cascade_bench

        run_cascade_bench(
            cluster(opensearch),
            Cascade(products, judgments, index, deadline / 1000, profile, model, rounds, json_out, profiles),
        )
