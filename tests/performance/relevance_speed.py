"""How long a search takes beside the model: understanding, features, both steps of the blend. Not a test.

    python -m tests.performance.relevance_speed
    python -m tests.performance.relevance_speed --hits 300 --rounds 10

The shop of our own, its judged queries, the default profile, and a model whose answers are all known already,
so that what is left is our own work: reading the query and the hits, looking up vectors and scores, features,
sums. Wall and processor time of a search, in milliseconds.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np

from sidecar.config.profile import load_profiles
from sidecar.domain.candidate import Candidate, FieldValues
from sidecar.domain.deadline import Deadline
from sidecar.domain.search import Search
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.scorer import CheckedScorer, Scores, Vectors
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.ranking.standing import first_stage
from sidecar.ranking.understanding.reader import Reader
from sidecar.ranking.understanding.vocabulary import Vocabulary
from sidecar.shop.shop import invent_shop
from sidecar.telemetry.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
WIDTH = 384


class KnownModel(CheckedScorer):
    """Random answers of the real width; asked once a text, then never again."""

    def __init__(self) -> None:
        super().__init__()
        self.model = "known"
        self._random = np.random.default_rng(0)

    async def _score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        return Scores(self._random.normal(size=len(texts)).astype(np.float32), self.model)

    async def _embed(self, texts: Sequence[str], deadline: Deadline) -> Vectors:
        rows = self._random.normal(size=(len(texts), WIDTH)).astype(np.float32)
        return Vectors(rows / np.linalg.norm(rows, axis=1, keepdims=True), self.model)


def candidates(documents: Sequence[dict[str, object]], names: Sequence[str]) -> list[Candidate]:
    """Fresh objects with fresh strings, as a request brings them."""
    made = []
    for rank, document in enumerate(documents, 1):
        fields: dict[str, FieldValues] = {}
        for name in names:
            value = document.get(name)
            if value:
                fields[name] = [str(one) for one in value] if isinstance(value, list) else [str(value)]
        made.append(Candidate(str(document["product_id"]), rank, 100.0 / rank, fields=fields))
    return made


async def measure(hits: int, rounds: int) -> tuple[list[float], list[float]]:
    products, judged = invent_shop()[:2]
    documents = [one.document for one in products]
    profile = load_profiles(ROOT / "plugin_config" / "profiles")["default"]
    model, metrics = KnownModel(), Metrics()
    stage = RelevanceStage(model, ScoreCache(64 * MIB, metrics), KnownVectors(model, 64 * MIB, metrics))
    random = Random(0)
    lists = [(query.text, random.sample(documents, hits)) for query in judged]
    reader = Reader(Vocabulary.without_catalogue())
    wall, cpu = [], []
    for number in range(rounds + 1):
        for text, found in lists:
            search = Search(text, candidates(found, profile.fields_needed()), Deadline.after(60))
            begin, spent = time.perf_counter(), time.thread_time()
            search.understanding = reader.read_anew(search.query)
            await stage.apply(search, profile, first_stage(search.candidates), search.deadline)
            if number:  # the first round fills the caches
                wall.append((time.perf_counter() - begin) * 1e3)
                cpu.append((time.thread_time() - spent) * 1e3)
    return wall, cpu


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hits", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}; {arguments.hits} hits")
    for name, took in zip(
        ("wall", "cpu"), asyncio.run(measure(arguments.hits, arguments.rounds)), strict=True
    ):
        cuts = statistics.quantiles(took, n=100)
        print(f"{name}: p50 {cuts[49]:.2f}  p90 {cuts[89]:.2f}  p99 {cuts[98]:.2f} ms, {len(took)} searches")


if __name__ == "__main__":
    main()
