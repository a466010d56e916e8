"""What personalization costs a search: its own time for 100 hits, by store. Not part of the tests.

    python -m tests.performance.personalization_speed
    python -m tests.performance.personalization_speed --searches 3000 --hits 100 --shoppers 2000

Searches with and without personalization take turns. The scorer keeps the order and takes `--model-ms` for
it: with 0 all the waiting for a profile is counted, with more the profile comes meanwhile, as it does where a
model is asked. Own time is that of the stage and of what is
remembered of the search: asking for the profile, waiting for it, traits, taste, guardrails, the served list.
"""

import argparse
import asyncio
import gc
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sidecar.app import event_loop_factory
from sidecar.config.profile import load_profiles
from sidecar.config.served import Served
from sidecar.config.sidecar import Limits
from sidecar.config.store import RedisStoreSettings, Store
from sidecar.domain.deadline import Deadline
from sidecar.domain.ranking import Ranking
from sidecar.domain.search import Search
from sidecar.profiles.keying import Keys
from sidecar.profiles.opening import open_store
from sidecar.profiles.profiles import Profiles, TasteChange
from sidecar.profiles.store import RecordStore
from sidecar.ranking.personalization.metrics import PersonalizationMetrics
from sidecar.ranking.personalization.stage import PersonalizationStage
from sidecar.ranking.pipeline import RankingPipeline
from sidecar.ranking.recording import Recorder
from sidecar.ranking.relevance.cache import ScoreCache
from sidecar.ranking.relevance.known import KnownVectors
from sidecar.ranking.relevance.order import OrderScorer
from sidecar.ranking.relevance.scorer import Scores
from sidecar.ranking.relevance.stage import RelevanceStage
from sidecar.served.metrics import ServedMetrics
from sidecar.served.opening import open_embedded
from sidecar.served.writer import ServedWriter
from sidecar.server.conversion import Contract
from sidecar.stack.redis_server import RedisServer
from sidecar.taste.state import Taste
from sidecar.telemetry.metrics import Metrics
from sidecar.wire.reshelf.v1 import rerank_pb2 as wire
from tests.fixtures.tastes import taste_for

PROFILES = Path(__file__).parents[2] / "plugin_config" / "profiles"
KEYS = Keys([b"the secret of a measurement, of no use to anybody"])
BRANDS = [f"Brand {number}" for number in range(40)]
COLORS = ["red", "blue", "green", "black", "white", "grey", "brown", "yellow"]
LEAVES = [["Home", f"Area {number % 6}", f"Leaf {number}"] for number in range(30)]


class Model(OrderScorer):
    """Takes its time, and leaves the event loop to others meanwhile."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def score(self, query: str, texts: Sequence[str], deadline: Deadline) -> Scores:
        if self._seconds:
            await asyncio.sleep(self._seconds)
        return await super().score(query, texts, deadline)


class Timed(RankingPipeline):
    """A pipeline that adds up the seconds that belong to personalization."""

    own = 0.0

    async def _begin(self, *arguments: Any) -> Any:
        return await self._timed(super()._begin(*arguments))

    async def _run(self, stage: Any, *arguments: Any) -> Any:
        work = super()._run(stage, *arguments)
        return await (self._timed(work) if stage.name == "personalization" else work)

    def _record(self, *arguments: Any) -> None:
        begin = time.perf_counter()
        super()._record(*arguments)
        self.own += time.perf_counter() - begin

    async def _timed(self, work: Any) -> Any:
        begin = time.perf_counter()
        try:
            return await work
        finally:
            self.own += time.perf_counter() - begin


def request(hits: int, shopper: str, chance: random.Random) -> wire.RerankRequest:
    """What the plugin sends: columns, of which categories have three values each."""
    columns = wire.CandidateColumns(
        ids=[f"p{chance.randrange(10**6)}" for _ in range(hits)],
        scores=sorted((chance.uniform(5, 20) for _ in range(hits)), reverse=True),
    )
    columns.fields.add(name="title", texts=[f"thing {place}" for place in range(hits)])
    columns.fields.add(name="brand", texts=chance.choices(BRANDS, k=hits))
    columns.fields.add(name="color", texts=chance.choices(COLORS, k=hits))
    paths = [level for path in chance.choices(LEAVES, k=hits) for level in path]
    columns.fields.add(name="category", texts=paths, counts=[3] * hits)
    columns.fields.add(name="price", numbers=[round(chance.lognormvariate(3.5, 1), 2) for _ in range(hits)])
    columns.fields.add(name="rating", numbers=[round(chance.uniform(2, 5), 1) for _ in range(hits)])
    return wire.RerankRequest(
        query=wire.Query(text="red thing", id=f"q{chance.random()}"),
        columns=columns,
        shopper=wire.Shopper(client_id=shopper),
        page=wire.Page(start=0, size=10),
    )


def taste(chance: random.Random) -> Taste:
    """A full profile: 60 preferences."""
    return taste_for(
        {
            "brand": {brand: chance.gauss(0, 1) for brand in chance.sample(BRANDS, 30)},
            "color": {color: chance.gauss(0, 1) for color in COLORS},
            "category": {leaf[-1]: chance.gauss(0, 1) for leaf in chance.sample(LEAVES, 16)},
            "price": {f"band {band}": chance.gauss(0, 1) for band in range(2, 8)},
        },
        time.time(),
    )


async def fill(profiles: Profiles, shoppers: int, chance: random.Random) -> None:
    """A profile for each shopper."""

    def change(number: int) -> TasteChange:
        made = taste(chance)

        def apply(empty: Taste) -> None:
            for name in Taste.__slots__:
                setattr(empty, name, getattr(made, name))

        return TasteChange(KEYS.client(f"c{number}"), 1, number + 1, time.time(), apply)

    for begin in range(0, shoppers, 500):
        await profiles.change_many([change(at) for at in range(begin, min(begin + 500, shoppers))])


def pipelines(
    store: RecordStore, folder: Path, patience: float, model: float
) -> tuple[Timed, Timed, ServedWriter, Profiles]:
    """With and without personalization."""
    metrics = Metrics()
    ranking_profiles = load_profiles(PROFILES)
    scorer = Model(model)
    relevance = RelevanceStage(scorer, ScoreCache(0, metrics), KnownVectors(scorer, 0, metrics))
    served = Served(kind="sqlite")
    writer = ServedWriter(open_embedded(served, folder), served, ServedMetrics(metrics.registry))
    profiles = Profiles(store)
    stage = PersonalizationStage(profiles, KEYS, PersonalizationMetrics(metrics.registry), patience=patience)
    with_it = Timed(
        ranking_profiles,
        "default",
        relevance,
        metrics,
        personalization=stage,
        recorder=Recorder(writer.add, KEYS),
    )
    return with_it, Timed(ranking_profiles, "default", relevance, metrics), writer, profiles


async def measure(
    name: str, store: RecordStore, folder: Path, arguments: argparse.Namespace
) -> dict[str, float | str]:
    """Percentiles in milliseconds."""
    chance = random.Random(7)
    with_it, without, writer, profiles = pipelines(store, folder, 0.003, arguments.model_ms / 1000)
    await fill(profiles, arguments.shoppers, chance)
    writing = asyncio.create_task(writer.run())
    contract, own, whole, plain, personal = Contract(Limits(), 1.0), [], [], [], 0

    def read() -> Search:
        asked = request(arguments.hits, f"c{chance.randrange(arguments.shoppers)}", chance)
        return contract.search_of(asked, size=asked.ByteSize())

    gc.collect()
    gc.freeze()
    for number in range(arguments.searches + 200):
        first, second = read(), read()
        begin = time.perf_counter()
        await without.rerank(first)
        middle = time.perf_counter()
        with_it.own = 0.0
        ranking: Ranking = await with_it.rerank(second)
        if number >= 200:  # the first ones fill caches
            own.append(with_it.own * 1000)
            plain.append((middle - begin) * 1000)
            whole.append((time.perf_counter() - middle) * 1000)
            personal += not ranking.skipped and ranking.stages[-1].candidates > 0
        await asyncio.sleep(0.002)  # not more than a busy sidecar gets
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    await writer.close()
    await profiles.close()
    await store.close()
    cuts = statistics.quantiles(own, n=100)
    return {
        "store": name,
        "own p50": cuts[49],
        "own p90": cuts[89],
        "own p99": cuts[98],
        "whole p50": statistics.median(whole),
        "without p50": statistics.median(plain),
        "personalized": personal / len(own),
    }


def stores(wanted: list[str], stack: ExitStack) -> Iterator[tuple[str, Store, Path]]:
    """Each store with a folder of its own."""
    for kind in wanted:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if kind == "redis":
            server = stack.enter_context(RedisServer(folder / "redis", ["--save", ""]))
            yield kind, Store(kind="redis", redis=RedisStoreSettings(addresses=[server.address])), folder
        elif kind == "sqlite-cold":
            yield kind, Store.model_validate({"kind": "sqlite", "sqlite": {"cache_mib": 0}}), folder
        else:
            yield kind, Store.model_validate({"kind": kind}), folder


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--searches", type=int, default=2000)
    parser.add_argument("--hits", type=int, default=100)
    parser.add_argument("--shoppers", type=int, default=1000)
    parser.add_argument("--model-ms", type=float, default=0)
    parser.add_argument("--stores", default="memory,sqlite,sqlite-cold,redis")
    parser.add_argument("--json", action="store_true", help="a line of JSON a store")
    arguments = parser.parse_args()

    async def run(name: str, settings: Store, folder: Path) -> dict[str, float | str]:
        return await measure(name, open_store(settings, folder), folder, arguments)

    with ExitStack() as stack:
        for name, settings, folder in stores(arguments.stores.split(","), stack):
            with asyncio.Runner(loop_factory=event_loop_factory()) as runner:
                found = runner.run(run(name, settings, folder))
            if arguments.json:
                print(json.dumps(found), flush=True)
                continue
            figures = "  ".join(f"{key} {value:6.3f}" for key, value in found.items() if key != "store")
            print(f"load {os.getloadavg()[0]:4.1f}  {name:<12}{figures}", flush=True)


if __name__ == "__main__":
    main()
