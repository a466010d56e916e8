"""CPU time that the sidecar takes for a search, by part.

Run: python -m tests.performance.sidecar_cpu [--profile]

For each k and both ways to send candidates (row by row, in columns), the least of several rounds (other
programs on the machine only ever add): `ranking` is from bytes to bytes without gRPC, with the scorer that
keeps the order or one that reads every text; `process` is all that the process takes with gRPC around it,
from a client in another process that asks every few milliseconds, as a shop does: what the processor forgets
between two searches is twice what it takes in a tight loop.
"""

import argparse
import asyncio
import cProfile
import os
import pstats
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from itertools import product
from pathlib import Path

import grpc
import numpy as np
import psutil

from sidecar.app import event_loop_factory
from sidecar.config.profile import load_profiles
from sidecar.config.sidecar import Limits
from sidecar.ranking.pipeline import RankingPipeline
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.order import OrderScorer
from sidecar.ranking.relevance.scorer import Scorer
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.server.admission import Admission
from sidecar.server.conversion import Contract
from sidecar.server.rerank import RerankEndpoint
from sidecar.telemetry.metrics import Metrics
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire
from sidecar.wire.reshelf.v1.rerank_pb2_grpc import RerankerStub
from tests.fixtures.scorers import ScriptedScorer

ROOT = Path(__file__).parents[2]
SIZES = (20, 100, 300)
ROUNDS = 7
PAUSE = 0.01


def request(count: int, *, columns: bool) -> bytes:
    """A search with title, brand and colour of each hit, some 140 bytes a hit."""
    random = np.random.default_rng(7)
    fields = {
        "title": [f"Murphy bed {random.integers(10**6)}, queen, white" for _ in range(count)],
        "brand": ["Atlantic"] * count,
        "color": ["Blue"] * count,
    }
    asked = wire.RerankRequest(
        query=wire.Query(text="queen murphy bed", id="q-1", index="products"), budget_ms=1000
    )
    ids = [f"B0{rank:08d}" for rank in range(1, count + 1)]
    scores = [30 - rank / 20 for rank in range(1, count + 1)]
    if columns:
        sent = [wire.FieldColumn(name=name, texts=texts) for name, texts in fields.items()]
        asked.columns.CopyFrom(
            wire.CandidateColumns(ids=ids, scores=scores, indices=["products"], fields=sent)
        )
    else:
        for place in range(count):
            asked.candidates.add(
                id=ids[place],
                index="products",
                rank=place + 1,
                score=scores[place],
                fields={name: wire.FieldValue(texts=[texts[place]]) for name, texts in fields.items()},
            )
    return asked.SerializeToString()


def ranking(scorer: Scorer) -> Callable[[bytes], Awaitable[bytes]]:
    """From bytes to bytes, as the gRPC edge does it."""
    metrics = Metrics()
    profiles = load_profiles(ROOT / "plugin_config" / "profiles")
    stage = RelevanceStage(
        scorer, ScoreCache(64 * 1024 * 1024, metrics), KnownVectors(scorer, 64 * 1024 * 1024, metrics)
    )
    pipeline = RankingPipeline(profiles, "default", stage, metrics)
    endpoint = RerankEndpoint(pipeline.rerank, Contract(Limits(), 1.0), Admission(64, metrics), metrics)

    async def answer(sent: bytes) -> bytes:
        read, write = wire.RerankRequest.FromString, Contract.answer_of
        answered = await endpoint.answer(sent, read, write, edge="grpc", time_left=1.0)
        return answered.SerializeToString()

    return answer


async def of_the_ranking(scorer: Scorer, sent: bytes, calls: int = 200) -> float:
    """Milliseconds a search."""
    answer = ranking(scorer)
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(calls):
            await answer(sent)
        best = min(best, (time.process_time() - started) / calls)
    return best * 1000


def of_the_process(
    address: str, process: psutil.Process, sent: bytes, calls: int = 100
) -> tuple[float, float]:
    """Milliseconds of CPU a search, and the median a client waits."""
    best, waits = float("inf"), []
    with grpc.insecure_channel(address) as channel:
        stub = RerankerStub(channel)
        message = wire.RerankRequest.FromString(sent)
        for _ in range(ROUNDS):
            before = sum(process.cpu_times()[:2])
            for _ in range(calls):
                time.sleep(PAUSE)
                started = time.perf_counter()
                stub.Rerank(message, timeout=5)
                waits.append(time.perf_counter() - started)
            best = min(best, (sum(process.cpu_times()[:2]) - before) / calls)
    return best * 1000, sorted(waits)[len(waits) // 2] * 1000


def profile(sent: bytes) -> None:
    """Where the time goes within `ranking`."""

    async def many() -> None:
        answer = ranking(OrderScorer())
        for _ in range(1000):
            await answer(sent)

    profiler = cProfile.Profile()
    profiler.runcall(asyncio.run, many())
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profile", action="store_true")
    if options.parse_args().profile:
        profile(request(100, columns=True))
        return
    environment = {
        **os.environ,
        "RESHELF_SCORER__KIND": "order",
        "RESHELF_GRPC__PORT": "0",
        "RESHELF_HTTP__PORT": "0",
    }
    command = [sys.executable, "-m", "sidecar", "serve", "--config", str(ROOT / "plugin_config/sidecar.yml")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().split("gRPC ")[1].split(",")[0]
        print(f"load {os.getloadavg()[0]:.1f}; milliseconds a search")
        heads = ("ranking, order", "ranking, texts", "process, order", "client waits")
        print("   k         ", *(f"{head:>15}" for head in heads))
        for count, columns in product(SIZES, (False, True)):
            sent = request(count, columns=columns)
            with asyncio.Runner(loop_factory=event_loop_factory()) as runner:
                order = runner.run(of_the_ranking(OrderScorer(), sent))
                texts = runner.run(of_the_ranking(ScriptedScorer(), sent))
            process, waits = of_the_process(address, psutil.Process(server.pid), sent)
            figures = "".join(f"{figure:>16.2f}" for figure in (order, texts, process, waits))
            print(f"{count:>4} {'columns' if columns else 'rows':>8}{figures}")
        server.terminate()


if __name__ == "__main__":
    main()
