"""How many events are taken in and on disk in a second, and how long a sender waits for that.

Run: python -m tests.performance.event_intake [--seconds 5] [--senders 8] [--json FILE]

The way in is a process of its own (both edges, filter, keys, journal with one fsync for all that waits, and a
reader that moves the cursor); the senders share the machine with it. Each sends its next request when the
last one was answered, so the delays are those at the rate shown. Arms are over HTTP and gRPC, one event a
request and a hundred.
"""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import numpy as np
import psutil

from sidecar.wire.reshelf.v1 import events_pb2 as wire
from sidecar.wire.reshelf.v1.events_pb2_grpc import EventsStub
from tests.fixtures.events import ubi

MIB = 1024 * 1024
CLIENTS = 100_000
Send = Callable[[int, int], Awaitable[int]]
"""Sends so many events from a number on; answers how many were accepted."""


def event(number: int) -> dict[str, Any]:
    """An event of one of many clients: none is too busy for a person."""
    return ubi(
        number,
        client_id=f"client-{number % CLIENTS}",
        timestamp=round(time.time() * 1000),
        event_id=f"{number}",
    )


async def over_http(address: str, stack: AsyncExitStack) -> Send:
    """A connection that is kept; written by hand, for a client's library costs more than the server."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    stack.callback(writer.close)

    async def send(first: int, count: int) -> int:
        body = "\n".join(json.dumps(event(number)) for number in range(first, first + count)).encode()
        writer.write(
            f"POST /v1/events HTTP/1.1\r\nHost: sidecar\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        answer = json.loads(await reader.readexactly(length))
        return int(answer["accepted"])

    return send


async def over_grpc(address: str, stack: AsyncExitStack) -> Send:
    """A channel of its own."""
    stub = EventsStub(await stack.enter_async_context(grpc.aio.insecure_channel(address)))

    async def send(first: int, count: int) -> int:
        request = wire.SendEventsRequest(events=[message(number) for number in range(first, first + count)])
        return int((await stub.Send(request)).accepted)

    return send


def message(number: int) -> wire.UbiEvent:
    told = event(number)
    names = ("application", "action_name", "client_id", "session_id", "query_id", "event_id")
    found = wire.UbiEvent(**{name: told[name] for name in names})
    found.timestamp.FromMilliseconds(told["timestamp"])
    found.event_attributes.object.object_id = told["event_attributes"]["object"]["object_id"]
    found.event_attributes.position.ordinal = told["event_attributes"]["position"]["ordinal"]
    return found


async def measured(
    connect: Callable[[AsyncExitStack], Awaitable[Send]], batch: int, senders: int, seconds: float, first: int
) -> dict[str, float]:
    """Figures of one arm; event numbers begin at `first`."""
    waits: list[float] = []
    accepted = 0
    numbers = iter(range(first, sys.maxsize, batch))

    async def run(send: Send, end: float) -> None:
        nonlocal accepted
        while time.perf_counter() < end:
            began = time.perf_counter()
            # In two steps: others count while this one waits.
            taken = await send(next(numbers), batch)
            accepted += taken
            waits.append(time.perf_counter() - began)

    async with AsyncExitStack() as stack:
        connected = [await connect(stack) for _ in range(senders)]
        begin = time.perf_counter()
        await asyncio.gather(*(run(send, begin + seconds) for send in connected))
        took = time.perf_counter() - begin
    p50, p99 = np.percentile(np.array(waits) * 1000, [50, 99])
    return {
        "events_per_second": accepted / took,
        "p50_ms": float(p50),
        "p99_ms": float(p99),
        "requests": len(waits),
    }


async def main(seconds: float, senders: int) -> dict[str, Any]:
    """All arms, one after the other, against one process."""
    folder = Path(tempfile.mkdtemp())
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fixtures.event_process", str(folder), "--applied"),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        http, grpc_address = (await process.stdout.readline()).decode().split()
        watched = psutil.Process(process.pid)
        figures: dict[str, Any] = {"cores": os.cpu_count(), "senders": senders, "arms": {}}
        figures["memory_mib_at_first"] = watched.memory_info().rss / MIB
        first = 0
        for batch in (1, 100):
            for edge, connect in (
                ("http", lambda stack: over_http(http, stack)),
                ("grpc", lambda stack: over_grpc(grpc_address, stack)),
            ):
                spent = sum(watched.cpu_times()[:2])
                arm = await measured(connect, batch, senders, seconds, first)
                spent = sum(watched.cpu_times()[:2]) - spent
                arm["cpu_us_per_event"] = spent / (arm["requests"] * batch) * 1e6
                arm["memory_mib"] = watched.memory_info().rss / MIB
                figures["arms"][f"{edge} {batch}"] = arm
                first += 1_000_000_000
        figures["journal_mib"] = (folder / "journal.db").stat().st_size / MIB
        return figures
    finally:
        process.kill()
        await process.wait()
        shutil.rmtree(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = asyncio.run(main(given.seconds, given.senders))
    for name, arm in found["arms"].items():
        print(
            f"{name:9} {arm['events_per_second']:8,.0f} events/s  p50 {arm['p50_ms']:6.2f} ms  "
            f"p99 {arm['p99_ms']:6.2f} ms  {arm['cpu_us_per_event']:6.0f} us of a core an event  "
            f"{arm['memory_mib']:4.0f} MiB"
        )
    print(f"memory at first {found['memory_mib_at_first']:.0f} MiB, journal {found['journal_mib']:.0f} MiB")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))
