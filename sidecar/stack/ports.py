"""Choose ports on the loopback interface: the well-known ones when free, else others."""

import random
import socket
from collections.abc import Mapping
from enum import StrEnum

from sidecar.stack.errors import StackError

LOOPBACK = "127.0.0.1"

# Below the range from which Linux and macOS take the source ports of outgoing connections: a port from
# that range can be taken between our look and the server's bind.
FREE_RANGE = range(20_000, 32_000)


class PortChoice(StrEnum):
    """How ports are chosen: wanted ones when free, only the wanted ones, or always others."""

    AUTO = "auto"
    FIXED = "fixed"
    FREE = "free"


def is_free(port: int) -> bool:
    """Whether a server could listen on that port of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do it: connections of an earlier server in TIME_WAIT are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(taken: frozenset[int] | set[int] = frozenset()) -> int:
    """A port nobody listens on and that is not in `taken`."""
    for port in random.sample(FREE_RANGE, k=1000):
        if port not in taken and is_free(port):
            return port
    raise StackError(f"no free port between {FREE_RANGE.start} and {FREE_RANGE.stop}. Close some servers.")


def choose_ports(wanted: Mapping[str, int], choice: PortChoice = PortChoice.AUTO) -> dict[str, int]:
    """A port for each name. Raises StackError if `fixed` and one is taken."""
    chosen: dict[str, int] = {}
    for name, port in wanted.items():
        available = choice is not PortChoice.FREE and port not in chosen.values() and is_free(port)
        if not available and choice is PortChoice.FIXED:
            raise StackError(
                f"port {port} for {name} is taken. Stop what listens there, or use `--ports auto`."
            )
        chosen[name] = port if available else free_port(set(chosen.values()))
    return chosen
