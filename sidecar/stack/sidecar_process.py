"""The sidecar as a process of its own, started by the command that operators use."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sidecar.stack.paths import project_root
from sidecar.stack.ports import LOOPBACK, free_port
from sidecar.stack.running import Running
from sidecar.stack.service import Service

READY_PATH = "/health/ready"


class SidecarProcess(Running):
    """`reshelf serve` with one configuration file and `settings` above it.

    `settings` are nested as the file is (`{"scorer": {"kind": "order"}}`); they travel as RESHELF_
    environment variables, the way a container's would. What it writes is in `folder`, what it served is
    remembered there and rules are published there, unless they say otherwise. `ready_urls` replaces where
    readiness is asked, for an HTTP listener that does not speak plain text.
    """

    def __init__(
        self,
        folder: Path,
        *,
        config: Path | None = None,
        settings: Mapping[str, Any] | None = None,
        grpc_port: int | None = None,
        http_port: int | None = None,
        name: str = "sidecar",
        log: Path | None = None,
        environment: Mapping[str, str] | None = None,
        ready_urls: list[str] | None = None,
    ) -> None:
        self.grpc_port = grpc_port or free_port()
        self.http_port = http_port or free_port({self.grpc_port})
        given = settings or {}
        listeners = {
            "grpc": {**given.get("grpc", {}), "port": self.grpc_port},
            "http": {**given.get("http", {}), "port": self.http_port},
        }
        own = {
            "state_folder": (folder / f"{name}-state").resolve(),
            "served": {"kind": "sqlite"},
            "rules": {"kind": "folder"},
        }
        chosen = dict(_variables({**own, **given, **listeners}))
        file = config or project_root() / "plugin_config" / "sidecar.yml"
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(
            Service(
                name=name,
                # -P: a folder `sidecar` in the working directory must not be taken for the package.
                command=[sys.executable, "-P", "-m", "sidecar", "serve", "--config", str(file)],
                # PYTHONUNBUFFERED: a killed process must not take its last words along.
                environment={"PYTHONUNBUFFERED": "1", **chosen, **(environment or {})},
                folder=folder,
                log=log or folder / f"{name}.log",
                ready_urls=[f"{self.http_url}{READY_PATH}"] if ready_urls is None else ready_urls,
                grace=15,
            ),
            patience=120,
        )

    @property
    def grpc_address(self) -> str:
        """host:port of the gRPC listener, as `reshelf.targets` wants it."""
        return f"{LOOPBACK}:{self.grpc_port}"

    @property
    def http_url(self) -> str:
        """Where the JSON twin, health and metrics are."""
        return f"http://{LOOPBACK}:{self.http_port}"


def _variables(settings: Mapping[str, Any], prefix: str = "RESHELF_") -> Iterator[tuple[str, str]]:
    """Nested settings as environment variables: RESHELF_SCORER__KIND=order."""
    for key, value in settings.items():
        name = f"{prefix}{key.upper()}"
        if isinstance(value, Mapping):
            yield from _variables(value, f"{name}__")
        elif isinstance(value, str | Path):
            yield name, str(value)
        else:
            yield name, json.dumps(value)
