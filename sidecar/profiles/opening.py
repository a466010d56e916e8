"""The configured record store."""

from pathlib import Path

from sidecar.config.store import Store
from sidecar.profiles.memory_store import MemoryStore
from sidecar.profiles.store import RecordStore

MIB = 2**20
RECORDS_FILE = "records.db"


def open_store(settings: Store, state_folder: Path) -> RecordStore:
    """The store as configured. To be called inside the event loop that will use it.

    Reaches no server yet: a store that is away is for its callers to bear. Raises ConfigurationError for
    files that are not there.
    """
    match settings.kind:
        case "memory":
            return MemoryStore(settings.memory.max_mib * MIB)
        case "sqlite":
            from sidecar.profiles.sqlite_store import SqliteStore

            path = settings.sqlite.path or state_folder / RECORDS_FILE
            return SqliteStore(path, cache_bytes=settings.sqlite.cache_mib * MIB)
        case "redis":
            from sidecar.profiles.redis_client import connect
            from sidecar.profiles.redis_store import RedisStore

            redis = settings.redis
            return RedisStore(
                connect(redis),
                prefix=redis.prefix.encode(),
                connections=redis.connections,
                seconds=2 * redis.answer_ms / 1000,
            )
