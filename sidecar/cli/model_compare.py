"""`reshelf model compare`: the ways to run a cross-encoder, by speed and by nDCG, in one run."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sidecar.cli.model import AsJson, failure, model
from sidecar.cli.opensearch_target import told_problems
from sidecar.cli.pipeline import ProfilesFolder, plugin_config
from sidecar.cli.steps.trade_off import RESULTS, show_trade_off, trade_off


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
    ] = RESULTS,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the built ways that no other beats in OUTPUT/models.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare exact, static and dynamic int8, and OpenVINO's where it is installed.

    Example: `reshelf model compare --products products.jsonl.gz --judgments judgments.jsonl`

    Each scores BM25's best 100 of every judged query, in turns. Marked is what no other way beats in both
    speed and nDCG@10. `pip install openvino nncf` adds OpenVINO's way.
    """
    with told_problems():
        from sidecar.model.errors import ModelError

        try:
            figures = trade_off(
                products,
                judgments,
                output,
                profiles=profiles or plugin_config() / "profiles",
                profile=profile,
                weights=weights,
                adapter=adapter,
                others=_named(other or []),
                queries=queries,
                threads=threads,
                keep=keep,
            )
        except ModelError as error:
            raise failure(error) from error
    if as_json:
        print(json.dumps(asdict(figures)))
    else:
        show_trade_off(figures, output)


def _named(others: list[str]) -> dict[str, Path]:
    named = dict(one.partition("=")[::2] for one in others)
    for name, folder in named.items():
        if not name or not folder:
            raise typer.BadParameter("--other: give NAME=FOLDER, the folder of a built model.")
    return {name: Path(folder).expanduser() for name, folder in named.items()}
