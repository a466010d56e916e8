"""What `reshelf evaluate` does, step by step, and what it says meanwhile."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from opensearchpy import OpenSearch
from rich.console import Console
from rich.table import Table

from sidecar.cli.data import tell_refusals
from sidecar.cli.pipeline import configured_pipeline
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.evaluation.arms import arms_named
from sidecar.evaluation.arms.arm import Arm
from sidecar.evaluation.index import check_index, missing_products, temporary_index
from sidecar.evaluation.judgments import JudgedQuery, drawn, load_judgments
from sidecar.evaluation.report import report_on
from sidecar.evaluation.run import run_arms
from sidecar.evaluation.tuning import settings_to_try, tune
from sidecar.opensearch.pipeline_file import PIPELINE
from sidecar.opensearch.product_files import ProductFile, open_products
from sidecar.opensearch.search_pipeline import apply_pipeline, show_pipeline

SHOWN = 20


@dataclass(frozen=True)
class Evaluation:
    """The command's options."""

    judgments: Path
    products: Path | None
    arms: str
    json_out: str | None
    index: str | None
    keep_index: bool
    sample: int | None
    seed: int
    attempts: int
    tune_bm25: bool
    pipelines: Path | None
    profiles: Path | None


def run_evaluation(client: OpenSearch, asked: Evaluation) -> None:
    """Check everything that was named, then load, search, measure, write. Raises what the steps raise."""
    arms = arms_named("bm25" if asked.tune_bm25 else asked.arms)
    queries = drawn(load_judgments(asked.judgments), asked.sample, asked.seed)
    _check_output(asked.json_out)
    pipeline = PIPELINE if any(arm.needs_pipeline for arm in arms) else None
    with ExitStack() as stack:
        if asked.index is not None:
            index = asked.index
            check_index(client, index, pipeline)
        else:
            rows = _products(asked.products)
            if pipeline:
                _put_pipeline(client, asked)
            index = stack.enter_context(_loaded(client, rows, pipeline, asked.keep_index))
        missing = _tell_missing(client, index, queries, asked.judgments)
        figures, table = (
            _tune(client, index, queries)
            if asked.tune_bm25
            else _compare(client, index, arms, queries, asked)
        )
    _write({**figures, "judged_products_missing": missing}, table, asked.json_out)


def _check_output(json_out: str | None) -> None:
    """Minutes of measuring must not end in a folder that is not there."""
    if json_out not in (None, "-") and not Path(str(json_out)).parent.is_dir():
        raise ConfigurationError(f"--json: the folder of {json_out} does not exist. Make it first.")


def _products(path: Path | None) -> ProductFile:

    if path is None:
        raise ConfigurationError("Name the products with --products FILE, or an index with --index NAME.")
    return open_products(path)


def _put_pipeline(client: OpenSearch, asked: Evaluation) -> None:
    """Have the search pipeline in the cluster; one that is there stays, unless another was named."""

    body = configured_pipeline(asked.pipelines, asked.profiles)
    there = show_pipeline(client).body
    if there is None or asked.pipelines or asked.profiles:
        apply_pipeline(client, body)
    elif there != body:
        _warn("the cluster's pipeline is not the one of plugin_config/; measured is the cluster's.")


@contextmanager
def _loaded(client: OpenSearch, rows: ProductFile, pipeline: str | None, keep: bool) -> Iterator[str]:
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
            _warn(f"{report.refused:,} bad products were left out.")
        if keep:
            _warn(f"the index stays: {report.index}")
        yield report.index


def _tell_missing(client: OpenSearch, index: str, queries: Sequence[JudgedQuery], judgments: Path) -> int:
    """Name the queries whose judged products are not in the index: no ranking can find those."""

    missing = missing_products(client, index, (product for query in queries for product in query.labels))
    concerned = [(query, found) for query in queries if (found := sorted(missing & set(query.labels)))]
    for query, found in concerned[:SHOWN]:
        more = ", …" if len(found) > 3 else ""
        _warn(f"{judgments.name}:{query.line}: {len(found)} not in the index: {', '.join(found[:3])}{more}")
    if len(concerned) > SHOWN:
        _warn(f"… and {len(concerned) - SHOWN} more queries")
    return len(missing)


def _compare(
    client: OpenSearch,
    index: str,
    arms: Sequence[Arm],
    queries: Sequence[JudgedQuery],
    asked: Evaluation,
) -> tuple[dict[str, Any], Table]:

    with work_progress("Searching", len(queries) * len(arms)) as tick:
        runs = run_arms(client, index, arms, queries, attempts=asked.attempts, on_search=tick)
    for run in runs:
        for query, reason in list(run.incomplete.items())[:SHOWN]:
            _warn(f"{run.arm.name}: {query!r} is not fully re-ranked ({reason})")
        if run.incomplete:
            _warn(
                f"{run.arm.name}: {len(run.incomplete)} of {len(queries)} answers are not fully re-ranked; "
                f"the figures are those of a system that is failing open."
            )
    report = report_on(queries, runs, seed=asked.seed)
    return report.to_json(), report.table()


def _tune(client: OpenSearch, index: str, queries: Sequence[JudgedQuery]) -> tuple[dict[str, Any], Table]:

    with work_progress("Trying settings", len(settings_to_try())) as tick:
        tuning = tune(client, index, queries, on_setting=tick)
    return tuning.to_json(), tuning.table()


def _write(figures: dict[str, Any], table: Table, json_out: str | None) -> None:
    # With the JSON on stdout, everything else goes to stderr.
    Console(stderr=json_out == "-").print(table)
    if json_out == "-":
        typer.echo(json.dumps(figures, ensure_ascii=False))
    elif json_out is not None:
        Path(json_out).write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _warn(text: str) -> None:
    typer.echo(f"reshelf: {text}", err=True)
