"""`reshelf evaluate`: what the re-ranking is worth on judged queries."""

from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.opensearch_target import OpenSearchUrl, cluster, told_problems
from sidecar.cli.pipeline import PipelinesFolder, ProfilesFolder


def register(app: typer.Typer) -> None:
    """Add the command to `reshelf`."""
    app.command("evaluate")(evaluate)


def evaluate(
    judgments: Annotated[
        Path,
        typer.Option(
            help='JSON lines of {"query": …, "labels": {ID: "E|S|C|I"}}; or .csv or .parquet with the '
            "columns query, product_id, esci_label."
        ),
    ],
    products: Annotated[
        Path | None, typer.Option(help="Products for a temporary index; not needed with --index.")
    ] = None,
    arms: Annotated[
        str,
        typer.Option(
            help="What to compare; the first is the baseline. bm25, reranked (the index's default pipeline), "
            "any ranking profile, and PROFILE@MODEL, ranked in this process with a model that Triton does "
            "not serve: int8, fp32, or the folder of a built one."
        ),
    ] = "bm25,reranked",
    json_out: Annotated[
        str | None, typer.Option("--json", metavar="OUT", help="Write the figures as JSON; - is stdout.")
    ] = None,
    per_query: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a table of all queries, .csv or .json.")
    ] = None,
    card: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Write a model card there: card.json, card.md and plots."),
    ] = None,
    seen_brands: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Brands that training saw, one a line or a training's card.json: a slice more.",
        ),
    ] = None,
    index: Annotated[str | None, typer.Option(help="Search this index instead of a temporary one.")] = None,
    keep_index: Annotated[
        bool, typer.Option("--keep-index", help="Do not remove the temporary index.")
    ] = False,
    sample: Annotated[int | None, typer.Option(min=1, help="Only this many queries, at random.")] = None,
    seed: Annotated[int, typer.Option(help="Of the sample and the bootstrap.")] = 0,
    attempts: Annotated[
        int, typer.Option(min=1, help="Search so often until an answer is fully re-ranked.")
    ] = 10,
    tune_bm25: Annotated[
        bool, typer.Option("--tune-bm25", help="Instead: try BM25 field weights, cross-validated.")
    ] = False,
    opensearch: OpenSearchUrl = None,
    pipelines: PipelinesFolder = None,
    profiles: ProfilesFolder = None,
) -> None:
    """Search judged queries with and without the search pipeline, and compare the orders.

    Example: `reshelf evaluate --products products.jsonl.gz --judgments judgments.jsonl --json result.json`

    Measures: nDCG@10 and @5 with ESCI's gains (E 1, S 0.1, C 0.01, I 0), and with E as relevant MRR@10,
    recall@100 and nDCG@10. Differences come with a 95 % interval and a p-value of a paired bootstrap over the
    queries; the JSON holds a randomisation test's as well.

    Example: `reshelf evaluate --index shop --judgments judgments.jsonl --arms bm25,default,default@fp32
    --per-query queries.csv --card card`
    """
    with told_problems():
        from sidecar.cli.steps.evaluation_flow import Evaluation, run_evaluation

        run_evaluation(
            cluster(opensearch),
            Evaluation(
                judgments=judgments,
                products=products,
                arms=arms,
                json_out=json_out,
                per_query=per_query,
                card=card,
                seen_brands=seen_brands,
                index=index,
                keep_index=keep_index,
                sample=sample,
                seed=seed,
                attempts=attempts,
                tune_bm25=tune_bm25,
                pipelines=pipelines,
                profiles=profiles,
            ),
        )
