"""Where shoppers' profiles and other small records live."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sidecar.config.strict import Strict

Milliseconds = Annotated[float, Field(gt=0, le=600_000)]
Address = Annotated[str, Field(pattern=r"^\S+:\d+$")]


class MemoryStoreSettings(Strict):
    """In the sidecar's own memory: for trials. Gone with the process, and no command line can reach it."""

    max_mib: int = Field(default=256, ge=1, le=1_048_576)


class SqliteStoreSettings(Strict):
    """A file on a local disk: for one machine."""

    path: Path | None = Field(default=None, description="default: records.db in the state folder")
    cache_mib: int = Field(default=64, ge=0, le=1_048_576, description="records kept in memory")


class StoreTls(Strict):
    """How the sidecar trusts Redis, and what it shows of itself, in PEM files. Empty: the system's CAs."""

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _pair(self) -> "StoreTls":
        if (self.certificate is None) != (self.key is None):
            raise ValueError("`certificate` and `key` go together")
        return self


class RedisStoreSettings(Strict):
    """A Redis or Valkey server, several under Sentinel, or a cluster: for several sidecars.

    What must not be lost by a crash of Redis needs `appendonly yes` and `appendfsync everysec` there (what
    the last second wrote comes again from the journal) or `always`, and `maxmemory-policy noeviction`.
    """

    mode: Literal["single", "sentinel", "cluster"] = "single"
    addresses: list[Address] = Field(
        default=["127.0.0.1:6379"],
        min_length=1,
        max_length=64,
        description="servers, or sentinels, host:port",
    )
    sentinel_service: str = Field(default="mymaster", min_length=1)
    database: int = Field(default=0, ge=0, le=65535, description="a cluster has only 0")
    username: str = ""
    password_file: Path | None = None
    sentinel_password_file: Path | None = None
    tls: StoreTls | None = None
    prefix: str = Field(default="reshelf:", max_length=64, description="before every key")
    answer_ms: Milliseconds = Field(default=500, description="until a server counts as gone")
    connections: int = Field(default=16, ge=1, le=1024, description="at most, to each server")

    @model_validator(mode="after")
    def _one_database(self) -> "RedisStoreSettings":
        if self.mode == "cluster" and self.database:
            raise ValueError("a cluster has only `database: 0`")
        return self


class Store(Strict):
    """Which store, and how long a search waits for it."""

    kind: Literal["memory", "sqlite", "redis"] = "sqlite"
    timeout_ms: Milliseconds = Field(default=3, description="later means: not personalized")
    memory: MemoryStoreSettings = MemoryStoreSettings()
    sqlite: SqliteStoreSettings = SqliteStoreSettings()
    redis: RedisStoreSettings = RedisStoreSettings()
