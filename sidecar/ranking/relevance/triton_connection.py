"""How a Triton is reached."""

from dataclasses import dataclass
from typing import Any

from sidecar.config.sidecar import Triton


@dataclass(frozen=True)
class Connection:
    """Where a Triton listens (gRPC, host:port), and the PEM files of a connection by TLS."""

    address: str
    tls: bool = False
    ca: str | None = None
    key: str | None = None
    certificate: str | None = None

    def options(self) -> dict[str, Any]:
        """All but the address, as `TritonScorer` takes them."""
        return {"tls": self.tls, "ca": self.ca, "key": self.key, "certificate": self.certificate}


def triton_connection(settings: Triton) -> Connection:
    """As configured."""
    tls = settings.tls
    if tls is None:
        return Connection(settings.address)
    ca, key, certificate = (str(path) if path else None for path in (tls.ca, tls.key, tls.certificate))
    return Connection(settings.address, True, ca, key, certificate)
