"""What `reshelf bench-cascade` does, step by step."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer
from opensearchpy import OpenSearch
from rich.console import Console

from sidecar.benchmark.cascade.arms import CascadeArm, cascade_arms
from sidecar.benchmark.cascade.figures import ArmFigures, figures_of
from sidecar.benchmark.cascade.ranker import CascadeRanker, Question
from sidecar.benchmark.cascade.report import quality_table, time_table, token_costs
from sidecar.benchmark.cascade.run import Rounds, run_cascade
from sidecar.benchmark.model.run import machine
from sidecar.benchmark.report import plain_data
from sidecar.cli.pipeline import configured_profile
from sidecar.cli.shop import sample_shop
from sidecar.cli.steps.evaluation_arms import model_folder
from sidecar.cli.steps.judged_index import judged, loaded, products_of, warn
from sidecar.cli.steps.output_files import check_output_folder
from sidecar.cli.work_progress import work_progress
from sidecar.config.errors import ConfigurationError
from sidecar.config.profile import Profile
from sidecar.config.sidecar import Budget
from sidecar.evaluation.arms.in_process import plain_candidates
from sidecar.evaluation.index import check_index
from sidecar.evaluation.index_readers import IndexReaders
from sidecar.evaluation.judgments import JudgedQuery
from sidecar.inference import Encoder, ModelFolderError
from sidecar.opensearch.connection import explained
from sidecar.ranking.relevance.onnx import OnnxScorer
from sidecar.ranking.relevance.scorer import ScorerError
from sidecar.ranking.understanding.reader import Reader

SHOP_PRODUCTS = 8000
RESERVE = Budget().reserve_ms / 1000


@dataclass(frozen=True)
class Cascade:
    """The command's options; `deadline` is in seconds."""

    products: Path | None
    judgments: Path | None
    index: str | None
    deadline: float
    profile: str
    model: str
    rounds: int
    json_out: str | None
    profiles: Path | None


def run_cascade_bench(client: OpenSearch, asked: Cascade) -> None:
    """Check what was named, search, rank, measure, tell. Raises what the steps raise."""
    check_output_folder("--json", asked.json_out)
    profile = configured_profile(asked.profile, asked.profiles)
    products, judgments = asked.products, asked.judgments
    if judgments is None:
        shop = sample_shop(SHOP_PRODUCTS)
        products, judgments = shop.products, shop.judgments
    queries = judged(judgments)
    encoder = _encoder(asked.model)
    with ExitStack() as stack:
        if asked.index is None:
            index = stack.enter_context(loaded(client, products_of(products), None, keep=False))
        else:
            check_index(client, asked.index, None)
            index = asked.index
        questions = _questions(client, index, queries, profile)
        reader = IndexReaders().of(client, index)
    if len(questions) < len(queries):
        warn(f"{len(queries) - len(questions)} of {len(queries)} queries find nothing; they are left out")
    if not questions:
        raise ConfigurationError(f"{judgments}: no query finds anything in the index. Are they of one shop?")
    arms = cascade_arms(profile, asked.deadline)
    with work_progress("Ranking", len(questions) * asked.rounds) as tick:
        try:
            rounds = asyncio.run(_ranked(encoder, reader, index, arms, questions, asked.rounds, tick))
        except ScorerError as error:
            raise ConfigurationError(f"--model: {error}") from error
    _tell(figures_of(arms, questions, rounds), encoder, questions, asked)


def _encoder(wanted: str) -> Encoder:
    """Without a cache of its own: what is known is for each arm to say."""
    try:
        return Encoder.load(model_folder(wanted, "--model"), cache_bytes=0)
    except ModelFolderError as error:
        raise ConfigurationError(f"--model: {error}") from error


def _questions(
    client: OpenSearch, index: str, queries: Sequence[JudgedQuery], profile: Profile
) -> list[Question]:
    """The queries that find anything, with what the plugin would send for them."""
    questions = []
    for query in queries:
        with explained(f"searching `{index}`"):
            candidates = plain_candidates(
                client, index, query.text, profile.relevance.candidates, profile.fields_needed()
            )
        if candidates:
            questions.append(Question(query, candidates))
    return questions


async def _ranked(
    encoder: Encoder,
    reader: Reader,
    index: str,
    arms: Sequence[CascadeArm],
    questions: Sequence[Question],
    rounds: int,
    on_question: Callable[[int], None],
) -> Rounds:
    scorer = OnnxScorer(encoder)
    try:
        return await run_cascade(
            CascadeRanker(scorer, reader, index, RESERVE), arms, questions, rounds, on_question
        )
    finally:
        await scorer.close()


def _tell(
    rows: Sequence[ArmFigures], encoder: Encoder, questions: Sequence[Question], asked: Cascade
) -> None:
    # With the JSON on stdout, everything else goes to stderr.
    on_stderr = asked.json_out == "-"
    console = Console(stderr=on_stderr, width=170 if not Console(stderr=on_stderr).is_terminal else None)
    hits = float(np.mean([len(question.candidates) for question in questions]))
    costs = encoder.seconds_a_token
    console.print(
        f"{len(questions)} queries, {hits:.1f} hits each, profile `{asked.profile}`, {encoder.fingerprint}, "
        f"deadline {asked.deadline * 1000:g} ms",
        highlight=False,
    )
    console.print(quality_table(rows), time_table(rows))
    console.print(token_costs(costs), highlight=False)
    figures = {
        "machine": machine(),
        "profile": asked.profile,
        "model": encoder.fingerprint,
        "deadline_ms": asked.deadline * 1000,
        "queries": len(questions),
        "hits": hits,
        "rounds": asked.rounds,
        "seconds_a_token": costs,
        "arms": [{**plain_data(row), "lost": {name: row.lost(name) for name in row.against}} for row in rows],
    }
    text = json.dumps(figures, indent=1, ensure_ascii=False)
    if on_stderr:
        typer.echo(text)
    elif asked.json_out is not None:
        Path(asked.json_out).write_text(text + "\n", encoding="utf-8")
