"""Where the servers of a running stack are found."""

from typing import Any

from sidecar.stack.ports import LOOPBACK
from sidecar.stack.state import StackState

# The well-known port of each listener; `--ports auto` takes another where one is in use.
OPENSEARCH_PORTS = {"opensearch": 9200, "opensearch_transport": 9300}
SIDECAR_PORTS = {"sidecar_grpc": 50051, "sidecar_http": 8080}
TRITON_PORTS = {"triton_grpc": 8001, "triton_http": 8000, "triton_metrics": 8002}


def wanted_ports(scorer: str) -> dict[str, int]:
    """The listeners of a stack with that scorer, with their well-known ports."""
    return {**OPENSEARCH_PORTS, **SIDECAR_PORTS, **(TRITON_PORTS if scorer == "triton" else {})}


def endpoints(state: StackState) -> dict[str, Any]:
    """What `reshelf stack up --json` prints; `triton` is null where the scorer needs none."""
    ports = {name: f"{LOOPBACK}:{port}" for name, port in state.ports.items()}
    triton = None
    if "triton_grpc" in ports:
        triton = {
            "grpc": ports["triton_grpc"],
            "http": f"http://{ports['triton_http']}",
            "metrics": f"http://{ports['triton_metrics']}/metrics",
        }
    return {
        "opensearch": f"http://{ports['opensearch']}",
        "sidecar": {"grpc": ports["sidecar_grpc"], "http": f"http://{ports['sidecar_http']}"},
        "triton": triton,
    }
