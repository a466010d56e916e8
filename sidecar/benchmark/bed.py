"""The stack that is measured: its own, on free ports, one index, one search pipeline for each window."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch

from sidecar.benchmark.ruled import WITHOUT_RULES, ruled_settings
from sidecar.config.profile import load_profiles
from sidecar.opensearch.connection import connect
from sidecar.opensearch.loading import load_products
from sidecar.opensearch.pipeline_file import load_pipeline
from sidecar.opensearch.product_files import open_products
from sidecar.opensearch.search_pipeline import apply_pipeline
from sidecar.rules.rule_set import RuleSet
from sidecar.stack.endpoints import endpoints
from sidecar.stack.errors import StackError
from sidecar.stack.loopback_http import call_json
from sidecar.stack.paths import project_root
from sidecar.stack.plugin_target import point_plugin_at, wait_for_plugin
from sidecar.stack.ports import PortChoice
from sidecar.stack.sidecar_process import SidecarProcess
from sidecar.stack.start import StackWanted, start_stack
from sidecar.stack.state import StackState
from sidecar.stack.stop import take_down
from sidecar.stack.watch import Watch

INDEX = "bench"
# Long enough that noise of the machine fails no search open: what is measured is the whole work.
PATIENT_DEADLINE = "30s"


@dataclass(slots=True)
class Bed:
    """What the measurements run on."""

    state: StackState
    url: str
    client: OpenSearch
    order_sidecar: SidecarProcess
    """A second sidecar whose scorer keeps the order."""
    has_rules: bool = False
    """Whether rules are in force in that second one."""

    def pipeline(self, window: int, *, without_rules: bool = False) -> str:
        """The name of the search pipeline with that window."""
        return f"reshelf-bench-{window}{'-without-rules' if without_rules else ''}"

    def stats(self) -> dict[str, Any]:
        """The plugin's statistics of the one node."""
        found = call_json("GET", f"{self.url}/_plugins/_reshelf/stats")
        return dict(next(iter(found["nodes"].values())))

    def reranked(self) -> int:
        """How many searches the plugin has reranked so far."""
        return int(self.stats()["reranked"])

    def settings(self, **values: Any) -> None:
        """Change cluster settings of the plugin: `deadline` is `reshelf.deadline`."""
        body = {f"reshelf.{name}": value for name, value in values.items()}
        self.client.cluster.put_settings(body={"persistent": body})

    def use_order_scorer(self) -> None:
        """Point the plugin at the sidecar that keeps the order, and wait until it is warm."""
        point_plugin_at(self.state, self.order_sidecar.grpc_address)
        wait_for_plugin(self.state, self.order_sidecar.grpc_address)

    def use_model(self) -> None:
        """Point the plugin at the sidecar that asks Triton, and wait until it is warm."""
        point_plugin_at(self.state)
        wait_for_plugin(self.state)

    def sidecar_pid(self, *, model: bool) -> int:
        """The process id of the sidecar in use."""
        service = self.state.services["sidecar"] if model else self.order_sidecar.service
        if service.record is None:
            raise StackError("the sidecar is not running")
        return service.record.pid


@contextmanager
def bench_bed(
    products: Path, windows: Sequence[int], watch: Watch, rules: RuleSet | None = None
) -> Iterator[Bed]:
    """Start everything, load `products`, publish `rules`, and take all of it down again."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reshelf-bench-")))
        state = start_stack(StackWanted(folder, "triton", PortChoice.FREE), watch)
        # By the state at hand, not by its file: the measurements start servers anew.
        stack.callback(take_down, state)
        config = project_root() / "plugin_config"
        settings: dict[str, Any] = {"scorer": {"kind": "order"}}
        if rules is not None:
            settings |= ruled_settings(folder / "ruled", config, rules)
        order = SidecarProcess(folder / "order", settings=settings, name="sidecar-order")
        stack.callback(order.stop)
        order.start()
        url = endpoints(state)["opensearch"]
        client = connect(url)
        bed = Bed(state, url, client, order, rules is not None)
        load_products(client, open_products(products, ()), INDEX)
        client.indices.forcemerge(index=INDEX, params={"max_num_segments": 1})
        profiles = load_profiles((folder / "ruled" if bed.has_rules else config) / "profiles")
        for window in windows:
            body = load_pipeline(config / "pipelines", profiles, window=window)
            apply_pipeline(client, body, bed.pipeline(window))
            if bed.has_rules:
                body = load_pipeline(config / "pipelines", profiles, window=window, profile=WITHOUT_RULES)
                apply_pipeline(client, body, bed.pipeline(window, without_rules=True))
        bed.settings(deadline=PATIENT_DEADLINE)
        yield bed
