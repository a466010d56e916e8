"""Records in Redis or Valkey: for several sidecars."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import RedisError, ResponseError

from sidecar.profiles.store import Stored, StoreUnavailable, Write
from sidecar.profiles.version import new_version

VERSION_BYTES = 8
MOST_AT_ONCE = 500
"""Commands to a server in one go; more wait, so that a search's read gets in between."""

PUT = """
local is = redis.call('GETRANGE', KEYS[1], 0, 7)
if is == string.sub(ARGV[2], 1, 8) then return 1 end
if is ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
"""
"""Compare and set: a value begins with its version, a record that is not there reads as ''.

Where a connection broke before the answer came, the client sends the same write again: one that was made is
known by its version, which no other write has.
"""

Answer = TypeVar("Answer")


class RedisStore:
    """Works on one server, on Sentinel's current master and on a cluster alike, by the client it is given.

    At most `connections` calls are under way at a time. Errors never hold keys or values.
    """

    def __init__(
        self,
        client: "Redis | RedisCluster",
        *,
        prefix: bytes = b"reshelf:",
        connections: int = 16,
        seconds: float = 1.0,
    ) -> None:
        """No call takes longer than `seconds`, tries of the client's own included."""
        self._client: Any = client
        self._prefix = prefix
        self._seconds = seconds
        self._free = asyncio.Semaphore(connections)
        # A cluster has no MGET across its slots; its pipeline asks every node at once.
        self._mget = not isinstance(client, RedisCluster)

    async def get(self, keys: Sequence[bytes]) -> list[Stored | None]:
        found: list[bytes | None] = []
        for start in range(0, len(keys), MOST_AT_ONCE):
            names = [self._prefix + key for key in keys[start : start + MOST_AT_ONCE]]
            found += await self._ask(lambda names=names: self._get(names))  # type: ignore[misc]
        return [_stored(value) for value in found]

    async def put(self, writes: Sequence[Write]) -> list[bool]:
        done: list[bool] = []
        for start in range(0, len(writes), MOST_AT_ONCE):
            some = writes[start : start + MOST_AT_ONCE]
            done += await self._ask(lambda some=some: self._put(some))  # type: ignore[misc]
        return done

    async def delete(self, keys: Sequence[bytes]) -> None:
        for start in range(0, len(keys), MOST_AT_ONCE):
            names = [self._prefix + key for key in keys[start : start + MOST_AT_ONCE]]
            await self._ask(lambda names=names: self._delete(names))  # type: ignore[misc]

    async def close(self) -> None:
        await self._client.aclose()

    async def _get(self, names: list[bytes]) -> list[bytes | None]:
        if len(names) == 1:
            return [await self._client.get(names[0])]
        if self._mget:
            return list(await self._client.mget(names))
        async with self._pipeline() as pipeline:
            for name in names:
                pipeline.get(name)
            return list(await pipeline.execute())

    async def _put(self, writes: Sequence[Write]) -> list[bool]:
        async with self._pipeline() as pipeline:
            for write in writes:
                expected = write.expected.to_bytes(VERSION_BYTES, "big") if write.expected else b""
                value = new_version().to_bytes(VERSION_BYTES, "big") + write.value
                name, milliseconds = self._prefix + write.key, max(1, round(write.ttl * 1000))
                pipeline.eval(PUT, 1, name, expected, value, milliseconds)
            return [bool(done) for done in await pipeline.execute()]

    async def _delete(self, names: list[bytes]) -> None:
        async with self._pipeline() as pipeline:
            for name in names:
                pipeline.delete(name)
            await pipeline.execute()

    @asynccontextmanager
    async def _pipeline(self) -> Any:
        pipeline = self._client.pipeline(transaction=False) if self._mget else self._client.pipeline()
        async with pipeline as open_pipeline:
            yield open_pipeline

    async def _ask(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            async with asyncio.timeout(self._seconds), self._free:
                return await call()
        except (RedisError, OSError, TimeoutError, AttributeError) as error:
            # AttributeError: redis-py's, of a connection that was lost while it was being set up.
            # What redis-py says may hold the whole command, keys and values.
            raise StoreUnavailable(f"Redis did not answer: {_what(error)}") from None


def _stored(value: bytes | None) -> Stored | None:
    if value is None or len(value) < VERSION_BYTES:
        return None
    return Stored(value[VERSION_BYTES:], int.from_bytes(value[:VERSION_BYTES], "big"))


MEND = "mend `store.redis.username` or `store.redis.password_file`"
FIXES = {
    "OutOfMemoryError": "its memory is full: raise `maxmemory` (with `maxmemory-policy noeviction`)",
    "AuthenticationError": f"it wants a password, or refuses this one: {MEND}",
    "NoPermissionError": "its user may not do all of GET, MGET, DEL, EVAL, GETRANGE, SET on the prefix",
    "ReadOnlyError": "it is a replica: a fail-over is under way, or `store.redis.addresses` names a replica",
    "MISCONF": "it cannot write to its disk",
    "BusyLoadingError": "it is loading its data",
    "ClusterDownError": "the cluster is not whole",
    "MasterNotFoundError": "no sentinel knows a master: look at `store.redis.sentinel_service`",
}


def _what(error: Exception) -> str:
    """What is wrong, in words without anything of the command."""
    kind = type(error).__name__
    code = str(error).rpartition("caused error:")[2].strip().split(" ", 1)[0]
    unknown = (
        "it refused the command" if isinstance(error, ResponseError) else "look at `store.redis` and at it"
    )
    return f"{FIXES.get(kind) or FIXES.get(code, unknown)} ({kind})"
