"""A real Triton server as a process of its own, with a built model repository."""

from pathlib import Path

from sidecar.stack.ports import LOOPBACK, free_port
from sidecar.stack.running import Running
from sidecar.stack.service import LIVE, Service
from sidecar.stack.triton import TritonInstall, shared_memory_prefix, triton_command

MODEL = "bert_reranker"


class TritonProcess(Running):
    """Triton serving the model repository `models`; ready once the model has answered a canary.

    Without an `alias` the model is `bert_reranker`, loaded at the start. With one it is whichever the alias
    names at the moment, all models of the repository are loaded at the start, and without any the server
    alone counts.
    """

    def __init__(
        self,
        folder: Path,
        install: TritonInstall,
        models: Path,
        *,
        grpc_port: int | None = None,
        http_port: int | None = None,
        metrics_port: int | None = None,
        alias: Path | None = None,
        name: str = "triton",
        log: Path | None = None,
    ) -> None:
        self.grpc_port = grpc_port or free_port()
        self.http_port = http_port or free_port({self.grpc_port})
        self.metrics_port = metrics_port or free_port({self.grpc_port, self.http_port})
        command, environment = triton_command(
            install,
            models,
            self.grpc_port,
            self.http_port,
            self.metrics_port,
            load=MODEL if alias is None else "*",
        )
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(
            Service(
                name=name,
                command=[str(part) for part in command],
                environment=environment,
                folder=folder,
                log=log or folder / f"{name}.log",
                ready_urls=[f"{self.http_url}/v2/health/ready"],
                # Triton says ready while the process that runs the model is dead: ask for a score.
                canary_url=f"{self.http_url}/v2/models/{MODEL if alias is None else LIVE}/infer",
                canary_body=_canary(),
                alias=str(alias) if alias else "",
                grace=30,
                shared_memory=shared_memory_prefix(self.grpc_port),
            ),
            patience=180,
        )

    @property
    def grpc_address(self) -> str:
        return f"{LOOPBACK}:{self.grpc_port}"

    @property
    def http_url(self) -> str:
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def metrics_url(self) -> str:
        return f"http://{LOOPBACK}:{self.metrics_port}/metrics"


def _canary() -> dict[str, object]:
    def text(name: str, value: str) -> dict[str, object]:
        return {"name": name, "datatype": "BYTES", "shape": [1, 1], "data": [value]}

    return {"inputs": [text("QUERY", "canary"), text("TEXT", "canary")], "outputs": [{"name": "SCORE"}]}
