"""Tell the plugin where the sidecar is, through OpenSearch's own settings, and wait until it gets there."""

import time
from typing import Any

from sidecar.stack.endpoints import endpoints
from sidecar.stack.errors import StackError
from sidecar.stack.loopback_http import call_json
from sidecar.stack.state import StackState

PATIENCE = 60.0


def point_plugin_at(state: StackState, target: str | None = None) -> None:
    """Set the cluster setting `reshelf.targets` to `target` (host:port), else to the stack's sidecar."""
    found = endpoints(state)
    body = {"persistent": {"reshelf.targets": [target or found["sidecar"]["grpc"]]}}
    call_json("PUT", f"{found['opensearch']}/_cluster/settings", body, timeout=30)


def plugin_clients(state: StackState) -> dict[str, dict[str, Any]]:
    """What each node's plugin says of its way to the sidecar, by the node's name.

    `available` tells whether a search would be sent; `targets` has the state of each sidecar. Raises
    StackError or OSError if the node does not answer, or runs another plugin.
    """
    stats = call_json("GET", f"{endpoints(state)['opensearch']}/_plugins/_reshelf/stats", timeout=5)
    try:
        return {node["name"]: node["client"] for node in stats["nodes"].values()}
    except KeyError as missing:
        raise StackError(f"the plugin's stats have no {missing}: it is of another version.") from missing


def wait_for_plugin(state: StackState, target: str | None = None) -> None:
    """Return when every node's plugin has reached the sidecar. Raises StackError with what it said."""
    wanted = target or endpoints(state)["sidecar"]["grpc"]
    until = time.monotonic() + PATIENCE
    while True:
        clients = plugin_clients(state)
        if clients and all(_reaches(client, wanted) for client in clients.values()):
            return
        if time.monotonic() > until:
            raise StackError(
                f"the plugin did not reach the sidecar within {PATIENCE:.0f} s: {clients}. "
                f"Look at `reshelf stack logs opensearch`."
            )
        time.sleep(0.1)


def _reaches(client: dict[str, Any], target: str) -> bool:
    """Whether searches are sent, and to this target and not one of an earlier setting."""
    return bool(client["available"]) and [one["target"] for one in client["targets"]] == [target]
