"""What `reshelf evaluate` does, step by step, and what it says meanwhile."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch
from rich.table import Table

from sidecar.cli.pipeline import configured_pipeline
from sidecar.cli.steps.evaluation_arms import workshop
from sidecar.cli.steps.evaluation_output import Outputs
from sidecar.cli.steps.judged_index import judged, loaded, products_of, warn
from sidecar.cli.work_progress import work_progress
from sidecar.evaluation.arms import arms_named
from sidecar.evaluation.arms.arm import Arm
from sidecar.evaluation.index import brands_of, check_index, missing_products
from sidecar.evaluation.index_readers import IndexReaders
from sidecar.evaluation.judgments import JudgedQuery, drawn
from sidecar.evaluation.report import Report, report_on
from sidecar.evaluation.run import run_arms
from sidecar.evaluation.seen_brands import load_seen_brands
from sidecar.evaluation.slices import SLICERS, Slicer, brand_slicer, understanding_slicers
from sidecar.evaluation.tuning import settings_to_try, tune
from sidecar.opensearch.pipeline_file import PIPELINE
from sidecar.opensearch.search_pipeline import apply_pipeline, show_pipeline

SHOWN = 20


@dataclass(frozen=True)
class Evaluation:
    """The command's options."""

    judgments: Path
    products: Path | None
    arms: str
    json_out: str | None
    per_query: Path | None
    card: Path | None
    seen_brands: Path | None
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
    outputs = Outputs(asked.json_out, asked.per_query, asked.card)
    outputs.check()
    seen = load_seen_brands(asked.seen_brands) if asked.seen_brands else None
    queries = drawn(judged(asked.judgments), asked.sample, asked.seed)
    made_from = workshop(asked.pipelines, asked.profiles)
    arms = arms_named("bm25" if asked.tune_bm25 else asked.arms, made_from)
    pipeline = PIPELINE if any(arm.needs_pipeline for arm in arms) else None
    with ExitStack() as stack:
        if asked.index is not None:
            index = asked.index
            check_index(client, index, pipeline)
        else:
            rows = products_of(asked.products)
            if pipeline:
                _put_pipeline(client, asked)
            index = stack.enter_context(loaded(client, rows, pipeline, asked.keep_index))
        missing = _tell_missing(client, index, queries, asked.judgments)
        if asked.tune_bm25:
            figures, table = _tune(client, index, queries)
            outputs.write({**figures, "judged_products_missing": missing}, [table])
            return
        slicers = _slicers(client, index, queries, seen, made_from.readers)
        report = _compare(client, index, arms, queries, slicers, asked)
    outputs.write({**report.to_json(), "judged_products_missing": missing}, report.tables())
    outputs.write_files(
        report, slicers, asked.judgments, asked.products, asked.index, asked.sample, asked.seed
    )


def _put_pipeline(client: OpenSearch, asked: Evaluation) -> None:
    """Have the search pipeline in the cluster; one that is there stays, unless another was named."""
    body = configured_pipeline(asked.pipelines, asked.profiles)
    there = show_pipeline(client).body
    if there is None or asked.pipelines or asked.profiles:
        apply_pipeline(client, body)
    elif there != body:
        warn("the cluster's pipeline is not the one of plugin_config/; measured is the cluster's.")


def _tell_missing(client: OpenSearch, index: str, queries: Sequence[JudgedQuery], judgments: Path) -> int:
    """Name the queries whose judged products are not in the index: no ranking can find those."""
    missing = missing_products(client, index, (product for query in queries for product in query.labels))
    concerned = [(query, found) for query in queries if (found := sorted(missing & set(query.labels)))]
    for query, found in concerned[:SHOWN]:
        more = ", …" if len(found) > 3 else ""
        warn(f"{judgments.name}:{query.line}: {len(found)} not in the index: {', '.join(found[:3])}{more}")
    if len(concerned) > SHOWN:
        warn(f"… and {len(concerned) - SHOWN} more queries")
    return len(missing)


def _slicers(
    client: OpenSearch,
    index: str,
    queries: Sequence[JudgedQuery],
    seen: frozenset[str] | None,
    readers: IndexReaders,
) -> dict[str, Slicer]:
    """The kinds of queries that are told apart; brands where it was said which are known."""
    slicers = {**SLICERS, **understanding_slicers(readers.of(client, index).read)}
    if seen is not None:
        exact = (product for query in queries for product, label in query.labels.items() if label == "E")
        slicers["brand"] = brand_slicer(brands_of(client, index, exact), seen)
    return slicers


def _compare(
    client: OpenSearch,
    index: str,
    arms: Sequence[Arm],
    queries: Sequence[JudgedQuery],
    slicers: Mapping[str, Slicer],
    asked: Evaluation,
) -> Report:
    with work_progress("Searching", len(queries) * len(arms)) as tick:
        runs = run_arms(client, index, arms, queries, attempts=asked.attempts, on_search=tick)
    for run in runs:
        for query, reason in list(run.incomplete.items())[:SHOWN]:
            warn(f"{run.arm.name}: {query!r} is not fully re-ranked ({reason})")
        if run.incomplete:
            warn(
                f"{run.arm.name}: {len(run.incomplete)} of {len(queries)} answers are not fully re-ranked; "
                f"the figures are those of a system that is failing open."
            )
    return report_on(queries, runs, slicers=slicers, seed=asked.seed)


def _tune(client: OpenSearch, index: str, queries: Sequence[JudgedQuery]) -> tuple[dict[str, Any], Table]:
    with work_progress("Trying settings", len(settings_to_try())) as tick:
        tuning = tune(client, index, queries, on_setting=tick)
    return tuning.to_json(), tuning.table()
