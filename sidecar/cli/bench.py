"""`reshelf bench`: what a search costs."""

import json
from pathlib import Path
from typing import Annotated

import typer

# Enough for most queries to fill a window of 300.
BENCH_PRODUCTS = 8000


def register(app: typer.Typer) -> None:
    """Add the command to `reshelf`."""
    app.command("bench")(bench)


def bench(
    products: Annotated[
        Path | None, typer.Option(help="Products to search. Default: the shop of our own.")
    ] = None,
    judgments: Annotated[
        Path | None, typer.Option(help="Judgments whose queries are searched. Default: the shop's.")
    ] = None,
    windows: Annotated[str, typer.Option(help="Window sizes k, joined by commas.")] = "20,100,300",
    clients: Annotated[str, typer.Option(help="Numbers of clients at once, joined by commas.")] = "1,8",
    rounds: Annotated[int, typer.Option(min=1, help="How often each query runs in each arm.")] = 16,
    rules: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Also measure the path under the rules of this folder."),
    ] = None,
    dead_searches: Annotated[int, typer.Option(min=100, help="Searches with the sidecar dead.")] = 5000,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = Path(
        "bench-results/search.json"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON on stdout too.")] = False,
) -> None:
    """Measure the path of a search on a real stack of its own: overhead, dead sidecar, the model.

    Example: `reshelf bench --windows 100 --clients 1`

    Plain search and search through the pipeline run back to back in one interleaved run; differences are
    medians over pairs, with a bootstrap interval and an A/A control. With `--rules plugin_config/rules` the
    same searches run under layout rules as well, in the same run.
    """
    from rich.console import Console

    from sidecar.benchmark.report import plain_data, show_dead, show_model, show_overhead
    from sidecar.benchmark.run import run_benchmark
    from sidecar.cli.opensearch_target import told_problems
    from sidecar.cli.shop import sample_shop
    from sidecar.cli.stack_output import Parts, told_errors
    from sidecar.cli.steps.rules_store import told_rules_problems
    from sidecar.cli.work_progress import work_progress
    from sidecar.rules.folder import read_folder
    from sidecar.stack.start import parts_of

    sizes, counts = numbers(windows, "--windows"), numbers(clients, "--clients")
    if (products is None) != (judgments is None):
        raise typer.BadParameter("give both --products and --judgments, or neither")
    console = Console(stderr=as_json, width=150 if not Console().is_terminal else None)
    with told_errors(), told_problems(), told_rules_problems():
        rule_set = read_folder(rules) if rules is not None else None
        if products is None or judgments is None:
            shop = sample_shop(BENCH_PRODUCTS)
            products, judgments = shop.products, shop.judgments
        with Parts(parts_of("triton"), task="bench stack") as parts:
            figures = run_benchmark(
                products, judgments, sizes, counts, rounds, dead_searches, parts, work_progress, rule_set
            )
    show_overhead(console, figures["overhead"])
    show_dead(console, figures["dead_sidecar"])
    show_model(console, figures["with_model"])
    data = plain_data(figures)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(data, indent=1))
    typer.echo(f"figures: {output}", err=True)
    if as_json:
        typer.echo(json.dumps(data))
    failed = figures["dead_sidecar"]["failures"] + sum(row["failures"] for row in figures["overhead"])
    if failed:
        typer.echo(f"reshelf: {failed} searches failed", err=True)
        raise typer.Exit(1)


def numbers(text: str, option: str) -> list[int]:
    """Positive numbers joined by commas."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and int(part) > 0 for part in parts):
        raise typer.BadParameter(f"{option}: numbers joined by commas, for example 20,100 (found {text!r})")
    return [int(part) for part in parts]
