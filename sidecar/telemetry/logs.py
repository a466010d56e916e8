"""Logs on stderr, as text for people or as JSON for machines. Never user ids or the words of a query."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


def configure_logs(level: str, form: str) -> None:
    """Sends all logs of the process to stderr; `form` is "text" or "json"."""
    handler = logging.StreamHandler(sys.stderr)
    if form == "json":
        handler.setFormatter(
            JsonFormatter(
                "%(asctime)s %(levelname)s %(name)s %(message)s",
                rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
                datefmt="%Y-%m-%dT%H:%M:%S%z",
            )
        )
    else:
        handler.setFormatter(logging.Formatter(TEXT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # They tell of every connection and every probe.
    for chatty in ("uvicorn.error", "grpc", "asyncio", "httpcore", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Whoever asks a cluster says what went wrong, in one line; at lower levels this one tells whole bodies.
    for telling in ("opensearch", "urllib3", "redis"):
        logging.getLogger(telling).setLevel(logging.ERROR)
