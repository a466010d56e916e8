"""The section `served`: what is remembered of each search that was answered."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from sidecar.config.strict import Strict


class ServedOpenSearch(Strict):
    """The cluster that keeps the log. User, password and CA: RESHELF_OPENSEARCH_USER, _PASSWORD, _CA."""

    url: str = Field(default="http://127.0.0.1:9200", pattern=r"^https?://\S+$")
    index: str = Field(
        default="reshelf-served",
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$",
        description="the index of a day is this name and the day",
    )
    shards: int = Field(default=1, ge=1, le=64, description="of each day's index")
    replicas: str = Field(default="0-1", pattern=r"^\d+-(\d+|all)$", description="as far as there are nodes")
    timeout_ms: float = Field(default=3000, gt=0, le=600_000)


class ServedSqlite(Strict):
    """The embedded log."""

    path: Path | None = Field(default=None, description="default: served.db in the state folder")


class Served(Strict):
    """What was served, by query id: what events are attributed to, and training rows are made of."""

    kind: Literal["opensearch", "sqlite", "memory"] = "opensearch"
    sample: float = Field(
        default=1.0, ge=0, le=1, description="share of searches that are kept; all can be learned from"
    )
    days: float = Field(default=30, gt=0, le=3650, description="older lists are removed")
    hits: int = Field(default=100, ge=1, le=1000, description="kept of a list, from its top")
    recent_mib: int = Field(
        default=64, ge=1, le=1_048_576, description="of the newest lists, in memory, so that events find them"
    )
    buffer_mib: int = Field(
        default=32, ge=1, le=1_048_576, description="of lists waiting to be written; more are dropped"
    )
    flush_ms: float = Field(default=500, gt=0, le=60_000, description="between writes")
    opensearch: ServedOpenSearch = ServedOpenSearch()
    sqlite: ServedSqlite = ServedSqlite()
