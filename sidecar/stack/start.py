"""The whole start of a stack: OpenSearch with our plugin, Triton with the model, the sidecar, the path."""

import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sidecar.stack.endpoints import wanted_ports
from sidecar.stack.errors import StackError
from sidecar.stack.model_files import ModelFiles, model_files
from sidecar.stack.opensearch_distribution import installation
from sidecar.stack.opensearch_node import OpenSearchNode
from sidecar.stack.paths import stack_folder, state_folder, vocabularies_folder
from sidecar.stack.plugin_build import PluginBuild, build_plugin, plugin_sources
from sidecar.stack.plugin_target import point_plugin_at, wait_for_plugin
from sidecar.stack.ports import LOOPBACK, PortChoice, choose_ports
from sidecar.stack.running import Running
from sidecar.stack.served_models import ServedModels
from sidecar.stack.sidecar_process import SidecarProcess
from sidecar.stack.state import StackState, load_state, locked
from sidecar.stack.stop import take_down
from sidecar.stack.watch import Silent, Watch


@dataclass(frozen=True)
class StackWanted:
    """What a caller wants to be up."""

    folder: Path
    scorer: str = "triton"
    ports: PortChoice = PortChoice.AUTO


def parts_of(scorer: str) -> list[str]:
    """The parts that a start goes through, in the order in which people should see them."""
    model = {"triton": ["model", "triton"], "onnx": ["model"]}.get(scorer, [])
    return ["plugin", "opensearch", *model, "sidecar", "path"]


def start_stack(wanted: StackWanted, watch: Watch | None = None) -> StackState:
    """A stack of which every part is ready and every hop of the path has been tried.

    One that is up already is left as it is; what is missing of it is started again on its ports. Raises
    StackError naming the fix; then nothing of a new stack is left running.
    """
    with locked(wanted.folder):
        state = load_state(wanted.folder)
        if state is not None and state.is_up():
            return _complete(state, wanted, watch or Silent())
        if state is not None:
            take_down(state)
        return _start_anew(wanted, watch or Silent())


def _complete(state: StackState, wanted: StackWanted, watch: Watch) -> StackState:
    """Start again what is not running of a stack that is up."""
    if state.scorer != wanted.scorer:
        raise StackError(
            f"the stack is up with the scorer `{state.scorer}`. For `{wanted.scorer}` run "
            f"`reshelf stack down` first, or start a second stack with `--name`."
        )
    with watch.part("plugin") as tell:
        changed = plugin_sources() != state.plugin_sources
        tell("its sources changed since: `down`, then `up` takes the new one" if changed else "unchanged")
    for name, service in state.services.items():
        with watch.part(name) as tell:
            if service.is_running():
                tell("runs already")
                service.resume()
            else:
                tell("starting again")
                service.start()
                state.save()
    for service in state.services.values():
        service.wait_ready(timeout=180)
    with watch.part("path"):
        point_plugin_at(state)
        wait_for_plugin(state)
    return state


def _start_anew(wanted: StackWanted, watch: Watch) -> StackState:
    ports = choose_ports(wanted_ports(wanted.scorer), wanted.ports)
    start = _Start(StackState(wanted.folder, wanted.scorer, ports), watch)
    try:
        start.run()
    except BaseException:
        take_down(start.state)
        raise
    return start.state


class _Start:
    """One start of everything, in threads, since each part mostly waits for its own process."""

    def __init__(self, state: StackState, watch: Watch) -> None:
        self.state = state
        self._watch = watch
        self._given_up = threading.Event()
        self._changing = threading.Lock()

    def run(self) -> None:
        """Start all parts at once; each waits only for what it needs."""
        with ThreadPoolExecutor(max_workers=5) as pool:
            plugin = pool.submit(self._plugin)
            running: list[Future[Any]] = [plugin, pool.submit(self._opensearch, plugin)]
            model = None if self.state.scorer == "order" else pool.submit(self._model)
            if model is not None:
                running.append(model)
                if self.state.scorer == "triton":
                    running.append(pool.submit(self._triton, model))
            running.append(pool.submit(self._sidecar, model))
            try:
                done, _ = wait(running, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            except BaseException:
                # The others are waiting for processes that nobody will need.
                self._given_up.set()
                raise
        with self._watch.part("path") as tell:
            tell("waiting for the plugin to reach the sidecar")
            wait_for_plugin(self.state)

    def _plugin(self) -> PluginBuild:
        with self._watch.part("plugin") as tell:
            built = build_plugin(tell=tell)
            tell("built" if built.built else "unchanged")
            self.state.plugin_sources = built.sources
            return built

    def _opensearch(self, plugin: Future[PluginBuild]) -> None:
        with self._watch.part("opensearch") as tell:
            # Fetched while the plugin is built.
            installation((), tell)
            zip_file = plugin.result().zip
            node = OpenSearchNode(
                self.state.folder / "opensearch",
                plugins=[zip_file],
                http_port=self.state.ports["opensearch"],
                transport_port=self.state.ports["opensearch_transport"],
                log=self._log("opensearch"),
                tell=tell,
            )
            tell("starting")
            self._launch(node)
            tell("telling the plugin where the sidecar is")
            point_plugin_at(self.state)

    def _model(self) -> ModelFiles:
        with self._watch.part("model") as tell:
            return model_files(tell)

    def _triton(self, model: Future[ModelFiles]) -> None:
        # Imported here: a stack without Triton must not need what installs it.
        from sidecar.stack.triton import ensure_triton
        from sidecar.stack.triton_process import TritonProcess

        with self._watch.part("triton") as tell:
            install = ensure_triton(tell)
            served = ServedModels.of_stack(self.state.folder)
            served.begin()
            triton = TritonProcess(
                self.state.folder,
                install,
                served.repository,
                alias=served.alias,
                grpc_port=self.state.ports["triton_grpc"],
                http_port=self.state.ports["triton_http"],
                metrics_port=self.state.ports["triton_metrics"],
                log=self._log("triton"),
            )
            triton.service.owned.append(served.folder)
            tell("starting")
            self._launch(triton)
            tell("waiting for the model")
            version = model.result().version
            tell(f"serves {served.serve(version, triton.grpc_port, tell)}")

    def _sidecar(self, model: Future[ModelFiles] | None) -> None:
        with self._watch.part("sidecar") as tell:
            scorer: dict[str, object] = {"kind": self.state.scorer}
            if "triton_grpc" in self.state.ports:
                scorer["triton"] = {
                    "address": f"127.0.0.1:{self.state.ports['triton_grpc']}",
                    "alias": ServedModels.of_stack(self.state.folder).alias,
                    "repair": True,
                }
            if model is not None and self.state.scorer == "onnx":
                scorer["onnx"] = {"folder": model.result().version}
            sidecar = SidecarProcess(
                self.state.folder,
                settings={
                    "scorer": scorer,
                    "vocabularies": {"folder": vocabularies_folder()},
                    "state_folder": self._shoppers_folder,
                    "served": {"kind": "opensearch", "opensearch": {"url": self._opensearch_url}},
                    "rules": {"kind": "opensearch", "opensearch": {"url": self._opensearch_url}},
                },
                grpc_port=self.state.ports["sidecar_grpc"],
                http_port=self.state.ports["sidecar_http"],
                log=self._log("sidecar"),
            )
            tell("starting")
            self._launch(sidecar)

    @property
    def _shoppers_folder(self) -> Path:
        """Where the sidecar writes: for the default stack where the configuration says, so that the command
        line finds the shoppers that the stack knows."""
        default = self.state.folder == stack_folder()
        return (state_folder() if default else self.state.folder) / "sidecar"

    @property
    def _opensearch_url(self) -> str:
        return f"http://{LOOPBACK}:{self.state.ports['opensearch']}"

    def _log(self, name: str) -> Path:
        """A new log; the one of the start before is kept beside it."""
        log = self.state.folder / "logs" / f"{name}.log"
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        return log

    def _launch(self, server: Running) -> None:
        """Start it, write down that it is ours, and wait until it is ready or another part failed."""
        with self._changing:
            # First of all: what a given-up start has laid out is removed with the rest.
            self.state.services[server.service.name] = server.service
            self._unless_given_up()
            server.start(wait=False)
            self.state.save()
        server.service.wait_ready(server.patience, tick=self._unless_given_up)

    def _unless_given_up(self) -> None:
        if self._given_up.is_set():
            raise StackError("given up, since another part of the stack failed")
