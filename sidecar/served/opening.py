"""The configured log of what was served, as far as it is embedded."""

from pathlib import Path

from sidecar.config.served import Served
from sidecar.served.log import ServedLog
from sidecar.served.memory import MemoryServedLog
from sidecar.served.sqlite import SqliteServedLog

MIB = 2**20
SERVED_FILE = "served.db"


def open_embedded(settings: Served, state_folder: Path) -> ServedLog:
    """The log in memory or in SQLite; OpenSearch's is `opensearch.served_log`, which knows this package.

    Raises ServedLogUnavailable, and ValueError for `kind: opensearch`.
    """
    match settings.kind:
        case "memory":
            return MemoryServedLog(settings.recent_mib * MIB)
        case "sqlite":
            return SqliteServedLog(settings.sqlite.path or state_folder / SERVED_FILE)
        case "opensearch":
            raise ValueError("OpenSearch is no embedded log")
