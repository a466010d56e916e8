"""How the servers of a stack are, found out by looking at them."""

import contextlib
import time
from typing import Any

import psutil

from sidecar.stack import process
from sidecar.stack.endpoints import endpoints
from sidecar.stack.errors import StackError
from sidecar.stack.plugin_target import plugin_clients
from sidecar.stack.service import READY, Service
from sidecar.stack.state import StackState


def look_at(state: StackState) -> dict[str, dict[str, Any]]:
    """For each server: state, pid, seconds since its start, memory (MiB), where it listens, its log."""
    found = endpoints(state)
    seen = {
        name: _look_at_one(state.services[name], _where(where))
        for name, where in found.items()
        if name in state.services
    }
    opensearch = seen.get("opensearch")
    if opensearch is not None and opensearch["state"] == READY:
        opensearch["plugin"] = _plugin(state)
    return seen


def _look_at_one(service: Service, where: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "state": service.state(),
        "pid": None,
        "seconds": None,
        "memory_mib": None,
        "where": where,
        "log": str(service.log),
    }
    record = service.record
    if record is not None and process.is_running(record):
        facts["pid"] = record.pid
        with contextlib.suppress(psutil.Error):
            facts["seconds"] = round(time.time() - psutil.Process(record.pid).create_time())
            facts["memory_mib"] = sum(one.memory_info().rss for one in process.members(record)) >> 20
    return facts


def _where(found: Any) -> str:
    return found if isinstance(found, str) else f"{found['http']} (gRPC {found['grpc']})"


def _plugin(state: StackState) -> dict[str, Any]:
    """What the plugin says of its way to the sidecar; empty if it does not answer."""
    try:
        return plugin_clients(state)
    except (StackError, OSError):
        return {}
