"""How many events a second are accepted durably and applied, and how soon a search sees them.

    python -m tests.performance.event_apply --events 60000
    python -m tests.performance.event_apply --rate 500

One process, one event loop, from the events' JSON on: read, checked, keyed, on disk, applied; all but HTTP
itself. Beside them every search of 100 hits is handed to the served log. Journal, record store and served
log are SQLite files in a temporary folder. `--rate` paces the senders: latency is measured below saturation.
"""

import argparse
import asyncio
import gc
import json
import random
import resource
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from prometheus_client import CollectorRegistry

from sidecar.app import event_loop_factory
from sidecar.config.engagement import Engagement
from sidecar.config.events import EventSettings, Ignored, JournalSettings
from sidecar.config.online_blend import OnlineBlend
from sidecar.config.personalization import Personalization
from sidecar.config.served import Served
from sidecar.config.store import Store
from sidecar.feedback.assembly import assemble
from sidecar.feedback.documents import documents
from sidecar.feedback.intake import Intake
from sidecar.feedback.journal import Journal
from sidecar.feedback.ubi import read_event
from sidecar.profiles.keying import Keys
from sidecar.profiles.opening import open_store
from sidecar.profiles.profiles import Profiles
from sidecar.served.metrics import ServedMetrics
from sidecar.served.sqlite import SqliteServedLog
from sidecar.served.writer import ServedWriter
from sidecar.stack.redis_server import RedisServer
from sidecar.telemetry.event_metrics import EventMetrics
from tests.fixtures.served_lists import served_list

KINDS = ["impression"] * 16 + ["click"] * 2 + ["add_to_cart"] * 2
"""As in the sample of UBI's project: four impressions of five events."""


def a_search(number: int, arguments: argparse.Namespace, keys: Keys, draw: random.Random, now: float):
    """A list of 100 hits, and the JSON of the events that follow it."""
    query, shopper = f"q{number}", f"s{draw.randrange(arguments.shoppers)}"
    ids = [f"B0{one:08d}" for one in draw.sample(range(arguments.items), 100)]
    served = served_list(
        query,
        shopper,
        ids=ids,
        time=now,
        attributes=("brand", "category", "category_2", "color", "price"),
        slopes=("price_level", "rating"),
        features=("first_stage", "rating", "popularity", "ctr", "cart_rate", "conversion"),
        seed=number,
    )
    served.traits.keys[:] %= 500  # brands and colours are few
    served = replace(served, query=keys.query(query), shopper=keys.client(shopper))
    events = [
        {
            "application": "shop",
            "action_name": draw.choice(KINDS),
            "event_id": f"{number}-{one}",
            "query_id": query,
            "client_id": shopper,
            "timestamp": round(now * 1000),
            "event_attributes": {
                "object": {"object_id": ids[min(int(draw.expovariate(0.3)), 99)]},
                "position": {"ordinal": 1 + one},
            },
        }
        for one in range(7)
    ]
    return served, "\n".join(map(json.dumps, events))


async def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, float]:
    registry = CollectorRegistry()
    journal = Journal(JournalSettings(), folder, 20_000)
    journal.open()
    server = RedisServer(folder / "redis", ["--appendonly", "yes"]) if arguments.store == "redis" else None
    addresses = [server.start().address] if server else []
    section = {"kind": arguments.store, **({"redis": {"addresses": addresses}} if server else {})}
    store = open_store(Store.model_validate(section), folder)
    profiles = Profiles(store)
    served = ServedWriter(
        SqliteServedLog(folder / "served.db"), Served(kind="sqlite"), ServedMetrics(registry)
    )
    feedback = assemble(
        journal,
        profiles,
        store,
        served,
        Personalization(),
        Engagement(enabled=not arguments.no_engagement, page_close_seconds=arguments.page_close),
        OnlineBlend(enabled=not arguments.no_engagement),
        registry,
    )
    keys = Keys([b"bench"])
    settings = EventSettings(ignored=Ignored(events_a_minute=0, impressions_a_minute=0))
    intake = Intake(settings, journal, keys, EventMetrics(registry))
    tasks = [asyncio.create_task(feedback.applier.run()), asyncio.create_task(served.run())]
    draw = random.Random(7)
    seen, slow = [], []
    begun = time.perf_counter()
    accepted = 0

    async def watch_loop() -> None:
        """How long the event loop keeps a search waiting."""
        while True:
            at = time.perf_counter()
            await asyncio.sleep(0.002)
            slow.append(time.perf_counter() - at - 0.002)

    async def producer(own: int) -> None:
        nonlocal accepted
        number = own
        while accepted < arguments.events:
            if arguments.rate:
                ahead = accepted / arguments.rate - (time.perf_counter() - begun)
                if ahead > 0:
                    await asyncio.sleep(ahead)
            while journal.behind > 15_000 and journal.last - feedback.applier.position > 5_000:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            batch = []
            for _ in range(arguments.batch // 7 or 1):
                number += arguments.producers
                list_, events = prepared[number % len(prepared)]
                if number >= len(prepared):
                    return
                served.add(list_)
                batch.append(events)
            told = [read_event(document) for document, _ in documents("\n".join(batch))]
            receipt = await intake.take(told, "bench")
            at = time.perf_counter()
            assert receipt.accepted == len(told), receipt
            accepted += len(told)
            last = journal.last
            if draw.random() < 0.2:
                while feedback.applier.position < last:  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
                seen.append(time.perf_counter() - at)

    prepared = [
        a_search(number, arguments, keys, draw, time.time() + number * 0.003 - 100)
        for number in range(arguments.events // 7 + 1)
    ]
    gc.collect()
    gc.freeze()  # as the sidecar does when it is ready
    before = resource.getrusage(resource.RUSAGE_SELF)
    begun = time.perf_counter()
    watching = asyncio.create_task(watch_loop())
    await asyncio.gather(*(producer(own) for own in range(arguments.producers)))
    accepted_at = time.perf_counter() - begun
    while feedback.applier.position < journal.last:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    applied_at = time.perf_counter() - begun
    watching.cancel()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await feedback.applier.close()
    after = resource.getrusage(resource.RUSAGE_SELF)
    await served.close()
    await journal.close()
    await store.close()
    if server:
        server.stop()
    return {
        "events": accepted,
        "accepted_per_second": round(accepted / accepted_at),
        "applied_per_second": round(accepted / applied_at),
        "cpu_us_per_event": round(
            1e6 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / accepted
        ),
        "effect_ms_p50": round(1e3 * float(np.percentile(seen, 50)), 1) if seen else -1,
        "effect_ms_p99": round(1e3 * float(np.percentile(seen, 99)), 1) if seen else -1,
        "loop_wait_ms_p50": round(1e3 * float(np.percentile(slow, 50)), 2),
        "loop_wait_ms_p99": round(1e3 * float(np.percentile(slow, 99)), 2),
        "memory_mib_before": round(before.ru_maxrss / 1024),
        "memory_mib_after": round(after.ru_maxrss / 1024),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=30_000)
    parser.add_argument("--batch", type=int, default=14)
    parser.add_argument("--producers", type=int, default=8)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--shoppers", type=int, default=2000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--page-close", type=float, default=2.0)
    parser.add_argument("--store", choices=("sqlite", "redis", "memory"), default="sqlite")
    parser.add_argument("--no-engagement", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=event_loop_factory()) as runner:
        print(json.dumps(runner.run(measure(arguments, Path(folder))), indent=1))


if __name__ == "__main__":
    main()
