"""Both edges and the scorer's watch as one service with a beginning and an end."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Protocol

from sidecar.server.grpc_edge import GrpcEdge
from sidecar.server.http_edge import HttpEdge

log = logging.getLogger(__name__)

AGAIN_SECONDS = 3.0
"""After which a task that has not ended is cancelled once more."""


class Watched(Protocol):
    """What scores, as far as the service cares."""

    @property
    def model(self) -> str:
        """The fingerprint of the model that scores, once it is known."""
        ...

    async def wait_until(self, *, usable: bool) -> None:
        """Returns once it is, or is not, usable."""
        ...

    async def watch(self) -> None:
        """Finds that out for ever; to be run as a task."""
        ...

    async def close(self) -> None:
        """Gives back what it holds."""
        ...


class Part(Protocol):
    """What begins and ends with the service: what keeps and learns from events, what follows rules."""

    async def open(self) -> None:
        """Comes before the first search and event. Raises OSError."""
        ...

    def runs(self) -> Sequence[Callable[[], Coroutine[None, None, None]]]:
        """What is to run while the service does."""
        ...

    async def close(self) -> None:
        """Comes after the last search and event. Writes what is under way."""
        ...


class Service:
    """`start`, then `ready` comes and goes by itself, `stop` at the end."""

    def __init__(
        self,
        grpc: GrpcEdge,
        http: HttpEdge,
        scorer: Watched,
        drain: float,
        beside: Sequence[Callable[[], Coroutine[None, None, None]]] = (),
        parts: Sequence[Part] = (),
    ) -> None:
        """`drain` is the time in seconds that searches in flight are given at the end.

        `beside` runs as long as the service does, and ends with it.
        """
        self._parts = parts
        self.grpc = grpc
        self.http = http
        self._scorer = scorer
        self._drain = drain
        self._beside = beside
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Opens both ports and begins to probe the scorer. Raises OSError for a port that is taken, and for
        events that could not be kept."""
        self.http.open()
        for part in self._parts:
            await part.open()
        await self.grpc.start()
        beside = [*self._beside, *(run for part in self._parts for run in part.runs())]
        self._tasks = [
            asyncio.create_task(self.http.serve(), name="http"),
            asyncio.create_task(self._scorer.watch(), name="watch"),
            asyncio.create_task(self._tell_health(), name="health"),
            *(asyncio.create_task(run()) for run in beside),
        ]

    async def wait_until_ready(self) -> None:
        """Returns once a canary was scored."""
        await self._scorer.wait_until(usable=True)

    @property
    def model(self) -> str:
        """The fingerprint of the model that scores, once it is known."""
        return self._scorer.model

    async def wait_until_broken(self) -> None:
        """Returns never, unless a part of the service ends by itself; raises what ended it."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        raise RuntimeError("a part of the service has ended by itself")

    async def close_parts(self) -> None:
        """Gives back what was taken before `start`."""
        await self._scorer.close()
        for part in self._parts:
            await part.close()

    def hurry(self) -> None:
        """Ends a `stop` that is under way, or to come, without waiting for searches in flight."""
        self._drain = 0.0
        self.http.stop(hurry=True)
        self._hurried = asyncio.create_task(self.grpc.stop(0))

    async def stop(self) -> None:
        """Says NOT_SERVING, lets searches in flight finish, writes what events did, closes.

        Nothing is left running.

        Also right after a `start` that failed half-way, and a second time.
        """
        self.http.stop()
        await self.grpc.stop(self._drain)
        if self._tasks:
            http = self._tasks[0]
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(http), self._drain)
        await _ended(self._tasks)
        self.http.close()
        await self.close_parts()

    async def _tell_health(self) -> None:
        """gRPC health follows the scorer."""
        while True:
            await self._scorer.wait_until(usable=True)
            await self.grpc.set_serving(True)
            await self._scorer.wait_until(usable=False)
            await self.grpc.set_serving(False)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels tasks until they have ended: Python 3.11's `wait_for` loses a cancellation that comes at the
    very moment in which what it waits for is done."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
