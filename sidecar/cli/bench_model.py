"""`reshelf bench-model`: the model against what a user would pick instead."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

SHOP_PRODUCTS = 8000


def register(app: typer.Typer) -> None:
    """Add the command to `reshelf`."""
    app.command("bench-model")(bench_model)


def bench_model(
    products: Annotated[
        Path | None, typer.Option(help="Products whose texts are scored. Default: the shop of our own.")
    ] = None,
    judgments: Annotated[
        Path | None,
        typer.Option(
            help="Judgments whose queries are asked, and by which nDCG@10 is told. Default: the shop's."
        ),
    ] = None,
    weights: Annotated[str, typer.Option(help="As `reshelf model build` takes it.")] = "minilm-l6",
    adapter: Annotated[str, typer.Option(help="As `reshelf model build` takes it.")] = "default",
    sizes: Annotated[str, typer.Option(help="Texts of a request k, joined by commas.")] = "20,100,300",
    scenarios: Annotated[
        str,
        typer.Option(
            help="Only those whose name begins with one of these, joined by commas: titles, long, outlier."
        ),
    ] = "",
    arms: Annotated[
        str,
        typer.Option(help="Only arms whose name holds one of these, joined by commas: ours, onnxruntime, …"),
    ] = "",
    threads: Annotated[str, typer.Option(help="Thread budgets, joined by commas.")] = "2,1",
    seconds: Annotated[
        float, typer.Option(min=1, help="For a scenario and thread budget, warm-up apart.")
    ] = 60,
    quality: Annotated[bool, typer.Option(help="Also tell nDCG@10 over the judged products.")] = True,
    output: Annotated[
        Path, typer.Option(help="Where the figures go as JSON; the plot lies beside it.")
    ] = Path("bench-results/model.json"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON on stdout too.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print the tables as Markdown.")] = False,
) -> None:
    """Compare the model with other ways to run the same weights: same pairs, same threads, one run.

    Example: `reshelf bench-model --scenarios titles --arms ours,torch --threads 2`

    Every arm is a process of its own that may use as many cores as the thread budget says; they take turns,
    request by request. Parity with sentence-transformers on PyTorch is told beside the speed. Peers run in
    `.venv-peers` and `.venv-infinity`, which `make bench-model` makes; those that are not there are left out,
    with the reason.
    """
    from rich.console import Console

    from sidecar.benchmark.model.arms import arms_named
    from sidecar.benchmark.model.bed import Weights
    from sidecar.benchmark.model.judged import judged_requests
    from sidecar.benchmark.model.plots import draw_comparison
    from sidecar.benchmark.model.report import markdown, show_comparison
    from sidecar.benchmark.model.run import Wanted, compare_models
    from sidecar.benchmark.model.workload import Catalogue
    from sidecar.benchmark.model.workload import scenarios as all_scenarios
    from sidecar.benchmark.report import plain_data
    from sidecar.cli.bench import numbers
    from sidecar.cli.model import failure
    from sidecar.cli.opensearch_target import told_problems
    from sidecar.cli.shop import sample_shop
    from sidecar.cli.stack_output import told_errors
    from sidecar.cli.steps.doing import doing
    from sidecar.evaluation.judgments import load_judgments
    from sidecar.model.errors import ModelError
    from sidecar.opensearch.product import Product
    from sidecar.opensearch.product_files import open_products
    from sidecar.stack.paths import cache_folder, state_folder

    if (products is None) != (judgments is None):
        raise typer.BadParameter("give both --products and --judgments, or neither")
    try:
        chosen = arms_named(arms)
    except ValueError as error:
        raise typer.BadParameter(f"--arms: {error}") from error
    known = all_scenarios(numbers(sizes, "--sizes"))
    beginnings = tuple(word.strip() for word in scenarios.split(",") if word.strip())
    picked = [one for name, one in known.items() if not beginnings or name.startswith(beginnings)]
    if not picked:
        raise typer.BadParameter(f"--scenarios: choose from {', '.join(known)} (found {scenarios!r})")

    def keep(data: dict[str, Any]) -> None:
        draw_comparison(output.with_suffix(".svg"), data["scenarios"])
        output.write_text(json.dumps(plain_data(data), indent=1) + "\n", encoding="utf-8")

    console = Console(stderr=as_json or as_markdown, width=180 if not Console().is_terminal else None)
    with told_errors(), told_problems():
        if products is None or judgments is None:
            shop = sample_shop(SHOP_PRODUCTS)
            products, judgments = shop.products, shop.judgments
        documents = {row.id: row.document for row in open_products(products) if isinstance(row, Product)}
        catalogue = Catalogue.of(list(documents.values()))
        judged = load_judgments(judgments)
        titles = dict(zip(documents, catalogue.titles, strict=True))
        try:
            with doing("Comparing") as tell:
                data = compare_models(
                    Wanted(
                        chosen,
                        picked,
                        numbers(threads, "--threads"),
                        seconds,
                        Weights(weights, adapter, cache_folder()),
                        state_folder() / "bench-model",
                    ),
                    catalogue,
                    [query.text for query in judged],
                    judged_requests(judged, titles) if quality else [],
                    tell,
                    keep,
                )
        except ModelError as error:
            raise failure(error) from error
    show_comparison(console, data)
    typer.echo(f"figures: {output}, {output.with_suffix('.svg')}", err=True)
    if as_json:
        typer.echo(json.dumps(plain_data(data)))
    if as_markdown:
        typer.echo(markdown(data))
