"""Many full profiles in a store: how large it gets, how long reads and changes take, what memory is taken.

`python -m tests.performance.profile_stores --profiles 100000 --store sqlite`; `--store redis` starts a server
of its own with `appendonly yes, appendfsync everysec`. Nothing is kept.
"""

import argparse
import asyncio
import json
import random
import resource
import shutil
import struct
import tempfile
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.progress import Progress

from sidecar.config.store import RedisStoreSettings
from sidecar.domain.deadline import Deadline
from sidecar.domain.event import EventKind
from sidecar.domain.search import Shopper
from sidecar.profiles.keying import Keys
from sidecar.profiles.keyspace import PROFILE
from sidecar.profiles.marks import Kind, Record, RecordType, pack
from sidecar.profiles.profile_record import ProfileRecord, pack_profile
from sidecar.profiles.profiles import Profiles, TasteChange
from sidecar.profiles.redis_client import connect
from sidecar.profiles.redis_store import RedisStore
from sidecar.profiles.sqlite_store import SqliteStore
from sidecar.profiles.store import RecordStore, Write
from sidecar.stack.redis_server import RedisServer
from sidecar.taste.codec import encode
from sidecar.taste.state import MOST_KEYS, MOST_PAGES, MOST_RECENT, OpenPage, RecentEvent, Taste

TYPE = RecordType(Kind.PROFILE, 1, 180 * 24 * 3600.0)
KEYS = Keys([b"benchmark" * 4])
FILL = 1000
READS = 5000
CHANGES = 300
MIB = 2**20
LEARNED = struct.Struct("<I")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=100_000)
    parser.add_argument("--store", choices=["sqlite", "redis"], default="sqlite")
    parser.add_argument("--cache-mib", type=int, default=64)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured; default: a temporary folder")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="profiles-", dir=arguments.folder))
    try:
        with place(arguments.store, folder) as (open_it, server_pid):
            print(json.dumps(asyncio.run(measure(arguments, open_it, folder, server_pid)), indent=2))
    finally:
        shutil.rmtree(folder)


@contextmanager
def place(kind: str, folder: Path) -> Iterator[tuple[Callable[[int], RecordStore], int]]:
    if kind == "sqlite":
        yield lambda cache: SqliteStore(folder / "records.db", cache_bytes=cache * MIB), 0
        return
    with RedisServer(folder / "redis", ["--appendonly", "yes", "--appendfsync", "everysec"]) as server:
        pid = next(
            process.pid
            for process in psutil.Process().children(recursive=True)
            if str(server.port) in " ".join(process.cmdline())
        )
        settings = RedisStoreSettings(addresses=[server.address], answer_ms=5000)
        yield lambda _: RedisStore(connect(settings)), pid


async def measure(
    arguments: argparse.Namespace, open_it: Callable[[int], RecordStore], folder: Path, server_pid: int
) -> dict[str, Any]:
    store = open_it(arguments.cache_mib)
    profiles = Profiles(store)
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    await fill(store, arguments.profiles)
    filled = time.perf_counter() - began
    told: dict[str, Any] = {
        "store": arguments.store,
        "profiles": arguments.profiles,
        "filled_per_second": round(arguments.profiles / filled),
        "disk_bytes_a_profile": round(disk_bytes(folder) / arguments.profiles),
    }
    if server_pid:
        told["server_bytes_a_profile"] = round(
            psutil.Process(server_pid).memory_info().rss / arguments.profiles
        )
    chance = random.Random(5)
    one_of_many = [chance.randrange(arguments.profiles) for _ in range(READS)]
    one_of_few = [chance.randrange(min(arguments.profiles, 1000)) for _ in range(READS)]

    async def read(number: int) -> None:
        taste = await profiles.read(shopper(number), Deadline.after(10))
        assert taste is not None and taste.learned >= number

    for number in range(min(arguments.profiles, 1000)):
        await read(number)
    told["read_of_few_ms"] = await latencies(read, one_of_few)
    told["read_of_all_ms"] = await latencies(read, one_of_many)
    told["read_unknown_ms"] = await latencies(
        lambda number: profiles.read(shopper(-1 - number), Deadline.after(10)), one_of_many
    )
    seq = 0

    async def change(numbers: list[int]) -> None:
        nonlocal seq
        changes = []
        for number in numbers:
            seq += 1
            changes.append(TasteChange(shopper(number).main, 1, seq, time.time(), count))
        await profiles.change_many(changes)

    for size in (1, 100):
        batches = [[chance.randrange(arguments.profiles) for _ in range(size)] for _ in range(CHANGES)]
        began = time.perf_counter()
        told[f"change_of_{size}_ms"] = await latencies(change, batches)
        told[f"changes_per_second_by_{size}"] = round(size * CHANGES / (time.perf_counter() - began))
    told["memory_grown_mib"] = round((psutil.Process().memory_info().rss - before) / MIB)
    told["memory_peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    await store.close()
    return told


def disk_bytes(folder: Path) -> int:
    """What the data takes, write-ahead logs included."""
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


async def fill(store: RecordStore, count: int) -> None:
    taste = bytearray(encode(full_taste()))

    def payload(number: int) -> bytes:
        """A profile like no other: its count of events is its number (see `taste.codec` for the layout)."""
        LEARNED.pack_into(taste, 4, number)
        LEARNED.pack_into(taste, len(taste) - 4, zlib.crc32(taste[:-4]))
        return pack(Record(pack_profile(ProfileRecord(bytes(taste))), {1: 1}), TYPE)

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(f"profiles of {len(payload(0))} bytes", total=count)
        for start in range(0, count, FILL):
            numbers = range(start, min(start + FILL, count))
            writes = [
                Write(PROFILE + shopper(number).main, payload(number), 0, TYPE.ttl) for number in numbers
            ]
            assert all(await store.put(writes))
            progress.advance(task, len(numbers))


async def latencies(work: Callable[[Any], Awaitable[object]], items: list[Any]) -> dict[str, float]:
    taken = []
    for item in items:
        began = time.perf_counter()
        await work(item)
        taken.append(time.perf_counter() - began)
    return {f"p{share}": round(float(np.percentile(taken, share)) * 1000, 3) for share in (50, 99)}


def shopper(number: int) -> Any:
    return KEYS.shopper(Shopper(client_id=f"client-{number}"))


def count(taste: Taste) -> None:
    taste.learned += 1


def full_taste() -> Taste:
    """As large as a taste gets."""
    chance = np.random.default_rng(5)
    now = time.time()
    taste = Taste.empty(now)
    taste.keys = np.sort(chance.choice(2**31, MOST_KEYS, replace=False)).astype(np.uint32)
    for name in ("long_mean", "long_information", "session_mean", "session_information"):
        setattr(taste, name, np.abs(chance.normal(size=MOST_KEYS)))
    taste.seen = np.full(MOST_KEYS, now)
    taste.recent = [RecentEvent(chance.bytes(6), EventKind.CLICK, now) for _ in range(MOST_RECENT)]
    taste.pages = [
        OpenPage(chance.bytes(16), now, 9, dict.fromkeys(range(6), EventKind.CLICK))
        for _ in range(MOST_PAGES)
    ]
    return taste


if __name__ == "__main__":
    main()
