"""Sends searches when they are due, whether or not earlier ones were answered."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from sidecar.benchmark.load.outcome import Answer, Kind, Outcome

Send = Callable[[int, float], Awaitable[Answer]]
"""Search for the query of that number within that many seconds. Raises TimeoutError when there is no answer
in time and OSError for anything else than an answer."""


async def open_loop(
    send: Send,
    due: Sequence[float],
    queries: Sequence[int],
    deadline: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[Outcome]:
    """One search for each of `due` (seconds from now, in order), with the query of the same place.

    `deadline`: seconds that a search may take, from its intended send. Outcomes come in the order of `due`.
    """
    start = clock()
    running: list[asyncio.Task[Outcome]] = []

    async def one(query: int, intended: float) -> Outcome:
        answer: Answer | None = None
        try:
            answer = await send(query, deadline)
            kind = Kind.FULL if answer.complete else Kind.DEGRADED
        except TimeoutError:
            kind = Kind.LATE
        except OSError:
            kind = Kind.FAILED
        done = clock() - start
        if kind in (Kind.FULL, Kind.DEGRADED) and done - intended > deadline:
            kind = Kind.LATE
        return Outcome(query, intended, done, kind, answer)

    for query, intended in zip(queries, due, strict=True):
        ahead = intended - (clock() - start)
        if ahead > 0:
            await sleep(ahead)
        running.append(asyncio.create_task(one(query, intended)))
        # A task begins when the loop is free: now, not after the next sleep or the rest of a backlog.
        await asyncio.sleep(0)
    return list(await asyncio.gather(*running))
