"""`reshelf model compare`: the ways to run a cross-encoder, by speed and by nDCG, in one run."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sidecar.cli.model import AsJson, failure, model, show_table
from sidecar.cli.opensearch_target import told_problems
from sidecar.cli.pipeline import ProfilesFolder, plugin_config

if TYPE_CHECKING:
    from sidecar.training.comparison.measure import Figures


def register(_app: typer.Typer) -> None:
    """`compare` is already a command of `reshelf model`: importing this file added it."""


@model.command()
def compare(
    products: Annotated[Path, typer.Option(help="JSON lines (plain or .gz) or ESCI's products.parquet.")],
    judgments: Annotated[Path, typer.Option(help='JSON lines of {"query": …, "labels": {ID: "E|S|C|I"}}.')],
    weights: Annotated[str, typer.Option(help="As for `reshelf model build`.")] = "minilm-l6",
    adapter: Annotated[str, typer.Option(help="As for `reshelf model build`.")] = "default",
    other: Annotated[
        list[str] | None, typer.Option(help="NAME=FOLDER: a built model to compare with; may be repeated.")
    ] = None,
    queries: Annotated[
        int | None, typer.Option(min=1, help="So many of the judged queries at random. Default: all.")
    ] = None,
    threads: Annotated[int, typer.Option(min=0, help="Cores to use; 0 for all.")] = 0,
    profile: Annotated[
        str, typer.Option(help="The ranking profile whose text of a document is read.")
    ] = "default",
    profiles: ProfilesFolder = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A folder for compare.json and compare.svg.")
    ] = Path("bench-results/model-compare"),
    as_json: AsJson = False,
) -> None:
    """Compare exact, static and dynamic int8, and OpenVINO's where it is installed.

    Example: `reshelf model compare --products products.jsonl.gz --judgments judgments.jsonl`

    Each scores BM25's best 100 of every judged query, in turns. Marked is what no other way beats in both
    speed and nDCG@10. `pip install openvino nncf` adds OpenVINO's way.
    """
    with told_problems():
        from sidecar.cli.work_progress import work_progress
        from sidecar.config.errors import ConfigurationError
        from sidecar.config.profile import load_profiles
        from sidecar.evaluation.judgments import drawn, load_judgments
        from sidecar.inference.encoder import usable_cores
        from sidecar.model.errors import ModelError
        from sidecar.stack.paths import cache_folder
        from sidecar.training.catalogue import load_catalogue
        from sidecar.training.comparison.measure import candidates, compare_routes
        from sidecar.training.comparison.plot import draw
        from sidecar.training.comparison.routes import load_routes

        known = load_profiles(profiles or plugin_config() / "profiles")
        if profile not in known:
            raise ConfigurationError(f"--profile {profile}: not there. There are {', '.join(known)}.")
        lanes = threads or usable_cores()
        catalogue = load_catalogue(products, known[profile].document)
        lists = candidates(catalogue, drawn(load_judgments(judgments), queries, seed=0))
        if not lists:
            raise ConfigurationError(f"{judgments}: no query finds any of the products of {products}.")
        try:
            with tempfile.TemporaryDirectory() as scratch:
                routes = load_routes(
                    Path(scratch),
                    cache=cache_folder(),
                    threads=lanes,
                    others=_named(other or []),
                    progress=lambda step: typer.echo(step, err=True),
                    weights=weights,
                    adapter=adapter,
                )
                with work_progress("Scoring", 1.0) as tick:
                    figures = compare_routes(routes, catalogue, lists, lanes, tick)
        except ModelError as error:
            raise failure(error) from error
        try:
            output.mkdir(parents=True, exist_ok=True)
            (output / "compare.json").write_text(
                json.dumps(asdict(figures), indent=2) + "\n", encoding="utf-8"
            )
            draw(figures, output / "compare.svg")
        except OSError as error:
            raise ConfigurationError(f"--output {output}: cannot be written: {error}.") from error
    if as_json:
        print(json.dumps(asdict(figures)))
    else:
        _show(figures, output)


def _named(others: list[str]) -> dict[str, Path]:
    named = dict(one.partition("=")[::2] for one in others)
    for name, folder in named.items():
        if not name or not folder:
            raise typer.BadParameter("--other: give NAME=FOLDER, the folder of a built model.")
    return {name: Path(folder).expanduser() for name, folder in named.items()}


def _show(figures: "Figures", output: Path) -> None:
    print(
        f"{figures.lists} queries, {figures.pairs} pairs of {figures.tokens_per_pair} tokens, "
        f"{figures.threads} threads; padding efficiency {figures.padding_efficiency:.1%}; "
        f"BM25 alone nDCG@10 {figures.first_stage:.4f}"
    )
    show_table(
        [
            {
                "way": f"{row.name}{' *' if row.best else ''}",
                "pairs/s": row.pairs_per_second,
                "times fp32": f"{row.speed_up} [{row.speed_up_ci95[0]}, {row.speed_up_ci95[1]}]",
                "CPU ms/pair": row.processor_ms_per_pair,
                "nDCG@10": row.ndcg,
                "lost %": f"{row.loss} [{row.loss_ci95[0]}, {row.loss_ci95[1]}]",
                "largest difference": row.largest_difference,
                "MB": row.megabytes,
            }
            for row in figures.rows
        ]
    )
    print(f"* no other way is both faster and better. Figures and plot: {output}")
