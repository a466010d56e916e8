"""What `reshelf blend` does, step by step, and what it says meanwhile."""

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer
from opensearchpy import OpenSearch
from rich.console import Console
from rich.table import Table

from sidecar.cli.model import repository
from sidecar.cli.pipeline import configured_profile
from sidecar.cli.steps.judged_index import judged, loaded, products_of
from sidecar.cli.steps.output_files import check_output_folder
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile
from sidecar.domain.features import FEATURES, PAIR, Feature
from sidecar.evaluation.comparison import compare
from sidecar.evaluation.index import check_index
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.learning import lambdamart
from sidecar.learning.blend_file import write_blend
from sidecar.learning.blend_fit import Recipe, cross_validated, fit_blend, without
from sidecar.learning.example import Example
from sidecar.learning.gathering import gather
from sidecar.learning.lever import DEFAULT, shares
from sidecar.learning.report import FitReport
from sidecar.model.folders import MODEL

FEWEST_QUERIES = 10


@dataclass(frozen=True)
class Fit:
    """The command's options."""

    judgments: Path
    products: Path | None
    index: str | None
    model: Path | None
    profile: str
    output: Path | None
    features: str
    l2: float
    seeds: int
    levers: bool
    json_out: str | None
    profiles: Path | None


def run_fit(client: OpenSearch, asked: Fit) -> None:
    """Check what was named, gather, fit, judge, write. Raises what the steps raise."""
    _check_outputs(asked)
    profile = configured_profile(asked.profile, asked.profiles)
    recipe = Recipe(_features(asked.features), profile.relevance.pairs, asked.l2)
    queries = judged(asked.judgments)
    with ExitStack() as stack:
        if asked.index is None:
            index = stack.enter_context(loaded(client, products_of(asked.products), None, keep=False))
        else:
            check_index(client, asked.index, None)
            index = asked.index
        examples, model = _gathered(client, index, queries, profile, recipe, asked)
    if len(examples) < FEWEST_QUERIES:
        raise ConfigurationError(
            f"{asked.judgments}: {len(examples)} of {len(queries)} queries find anything; "
            f"a blend needs at least {FEWEST_QUERIES}."
        )
    report = _report(examples, len(queries), recipe, asked)
    _write(report, model, asked)


def _gathered(
    client: OpenSearch,
    index: str,
    queries: list[JudgedQuery],
    profile: Profile,
    recipe: Recipe,
    asked: Fit,
) -> tuple[list[Example], str]:
    with work_progress("Describing hits", len(queries)) as tick:
        return gather(
            client,
            index,
            queries,
            profile,
            asked.model or repository(None) / MODEL,
            read_pairs=PAIR in recipe.features,
            on_query=tick,
        )


def _report(examples: list[Example], queries: int, recipe: Recipe, asked: Fit) -> FitReport:
    try:
        with Console(stderr=True).status("Fitting …"):
            fitted = fit_blend(examples, recipe)
            bm25 = np.array([example.ndcg(range(len(example.gains))) for example in examples])
            arms = {"bm25": bm25, "blend": cross_validated(examples, recipe, seeds=asked.seeds)}
            if PAIR in recipe.features:
                arms["blend without cross-encoder"] = cross_validated(
                    examples, without(recipe, [PAIR]), seeds=asked.seeds
                )
            if lambdamart.installed():
                arms |= lambdamart.compared(examples, recipe, seeds=asked.seeds)
            worth = shares(examples, recipe, arms["blend"], seeds=1) if asked.levers else []
    except ValueError as error:
        raise ConfigurationError(f"{asked.judgments}: {error}.") from error
    # A query that finds nothing counts 0, for every arm.
    nothing = np.zeros(queries - len(examples))
    values = {name: np.concatenate([found, nothing]) for name, found in arms.items()}
    return FitReport(
        queries=queries,
        blend=fitted,
        means={name: float(found.mean()) for name, found in values.items()},
        arms=[
            compare(name, "bm25", "ndcg@10", values[name], values["bm25"])
            for name in values
            if name != "bm25"
        ],
        shares=worth,
        left_out="" if lambdamart.installed() else lambdamart.MISSING,
    )


def _write(report: FitReport, model: str, asked: Fit) -> None:
    # With the JSON on stdout, everything else goes to stderr.
    console = Console(stderr=asked.json_out == "-")
    for table in report.tables():
        console.print(table)
    figures = json.dumps({**report.to_json(), "model": model}, indent=1, ensure_ascii=False)
    if asked.json_out == "-":
        typer.echo(figures)
    elif asked.json_out is not None:
        Path(asked.json_out).write_text(figures + "\n", encoding="utf-8")
    if asked.output is None:
        return
    against = report.arms[0]
    write_blend(
        asked.output,
        report.blend,
        f"Fitted to {asked.judgments.name} by `reshelf blend fit`.",
        {
            "data": asked.judgments.name,
            "queries": report.queries,
            "l2": asked.l2,
            "model": model,
            "ndcg_at_10": f"{report.means['blend']:.4f} held out, BM25 {report.means['bm25']:.4f}, "
            f"95 % of the difference {against.ci95[0]:+.3f} to {against.ci95[1]:+.3f}",
        },
    )
    console.print(f"Written to {asked.output}. A profile uses it by `relevance.blend`.")


def show_blend(profile: str, profiles: Path | None, as_json: bool) -> None:
    """The weights of a profile. Raises ConfigurationError where it has none."""
    found = configured_profile(profile, profiles).relevance.blend
    if found is None:
        raise ConfigurationError(
            f"profile `{profile}` ranks by `relevance.weights`. Name a blend in `relevance.blend`."
        )
    if as_json:
        typer.echo(json.dumps(found.model_dump(), ensure_ascii=False))
        return
    table = Table("feature", "first", "final", title=found.description)
    for feature in FEATURES:
        if feature in found.used():
            table.add_row(feature, f"{found.first.get(feature, 0):.3f}", f"{found.final.get(feature, 0):.3f}")
    Console().print(table)


def _features(wanted: str) -> list[Feature]:
    """The features of a list like "first_stage,similarity". Raises ConfigurationError."""
    if wanted in ("default", "all"):
        return list(DEFAULT if wanted == "default" else FEATURES)
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    found = [name for name in FEATURES if name in names]
    unknown = sorted(set(names) - set(found))
    if unknown or not names:
        raise ConfigurationError(
            f"--features: {', '.join(unknown) or 'nothing'} is no feature. Features: {', '.join(FEATURES)}."
        )
    return found


def _check_outputs(asked: Fit) -> None:
    """Minutes of measuring must not end in a folder that is not there."""
    for option, path in (("--output", asked.output), ("--json", asked.json_out)):
        check_output_folder(option, path)
