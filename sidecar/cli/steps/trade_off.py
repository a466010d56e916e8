"""The ways to run a cross-encoder, measured and told: what `model compare` and `model build` share."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sidecar.cli.steps.table import show_table
from sidecar.cli.work_progress import work_progress

if TYPE_CHECKING:
    from sidecar.training.comparison.measure import Figures

RESULTS = Path("bench-results/model-compare")
MODELS = "models"
"""Where the built models that are worth keeping lie, in the folder of the figures."""


def trade_off(
    products: Path,
    judgments: Path,
    output: Path,
    *,
    profiles: Path,
    profile: str = "default",
    weights: str,
    adapter: str,
    others: Mapping[str, Path],
    queries: int | None = None,
    threads: int = 0,
    keep: bool,
) -> "Figures":
    """Measures all ways and writes compare.json and compare.svg into `output`.

    keep: leave those that no other way beats in both speed and nDCG@10 in `output/models/WAY`. Raises
    ConfigurationError and ModelError.
    """
    from sidecar.config.errors import ConfigurationError
    from sidecar.config.profile import load_profiles, named_profile
    from sidecar.evaluation.judgments import drawn, load_judgments
    from sidecar.inference.encoder import usable_cores
    from sidecar.stack.paths import cache_folder
    from sidecar.training.catalogue import load_catalogue
    from sidecar.training.comparison.measure import candidates, compare_routes
    from sidecar.training.comparison.plot import draw
    from sidecar.training.comparison.routes import load_routes

    document = named_profile(load_profiles(profiles), profile).document
    lanes = threads or usable_cores()
    catalogue = load_catalogue(products, document)
    lists = candidates(catalogue, drawn(load_judgments(judgments), queries, seed=0))
    if not lists:
        raise ConfigurationError(f"{judgments}: no query finds any of the products of {products}.")
    with tempfile.TemporaryDirectory() as scratch:
        routes = load_routes(
            Path(scratch),
            cache=cache_folder(),
            threads=lanes,
            others=others,
            progress=lambda step: typer.echo(step, err=True),
            weights=weights,
            adapter=adapter,
        )
        with work_progress("Scoring", 1.0) as tick:
            figures = compare_routes(routes, catalogue, lists, lanes, tick)
        try:
            output.mkdir(parents=True, exist_ok=True)
            (output / "compare.json").write_text(
                json.dumps(asdict(figures), indent=2) + "\n", encoding="utf-8"
            )
            draw(figures, output / "compare.svg")
            if keep:
                _keep(figures, Path(scratch), output / MODELS)
        except OSError as error:
            raise ConfigurationError(f"{output}: cannot be written: {error}.") from error
    return figures


def _keep(figures: "Figures", scratch: Path, models: Path) -> None:
    """Those of the best that were built here; what an earlier run kept goes."""
    shutil.rmtree(models, ignore_errors=True)
    for row in figures.rows:
        if row.best and (scratch / row.name).is_dir():
            shutil.copytree(scratch / row.name, models / row.name)


def show_trade_off(figures: "Figures", output: Path) -> None:
    """Prints the table."""
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
