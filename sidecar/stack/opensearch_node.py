"""A real OpenSearch node on this machine, from the official distribution."""

import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import yaml

from sidecar.stack.errors import StackError
from sidecar.stack.jdk import find_jdk
from sidecar.stack.opensearch_distribution import installation, java_environment, link_tree
from sidecar.stack.ports import LOOPBACK, free_port
from sidecar.stack.running import Running
from sidecar.stack.service import Service
from sidecar.stack.unprivileged import folder_for, group_of, hand_over, node_user

# A node alone needs nobody's vote. Left out where the caller says how nodes find each other.
ALONE = {"discovery.type": "single-node"}
DISCOVERY_KEYS = ("discovery.type", "discovery.seed_hosts", "cluster.initial_cluster_manager_nodes")


class OpenSearchNode(Running):
    """One node: own configuration, data and logs, files linked from the shared installation.

    `folder` is made new, and lies elsewhere (see `home`) where the node's user could not reach it.
    `plugins` are zips, installed by OpenSearch's own tool. `settings` go to opensearch.yml,
    `config_files` (relative name to content) beside it, `secure_settings` to the keystore.
    """

    def __init__(
        self,
        folder: Path,
        *,
        plugins: Sequence[Path] = (),
        settings: Mapping[str, object] | None = None,
        config_files: Mapping[str, bytes] | None = None,
        secure_settings: Mapping[str, str] | None = None,
        name: str = "opensearch",
        cluster: str = "reshelf",
        http_port: int | None = None,
        transport_port: int | None = None,
        heap: str = "1g",
        java_options: Sequence[str] = (),
        log: Path | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.http_port = http_port or free_port()
        self.transport_port = transport_port or free_port({self.http_port})
        installed = installation(plugins, tell)
        tell("laying out the node")
        user = node_user()
        self._jdk = find_jdk(user)
        self.home = folder_for(user, folder)
        link_tree(installed, self.home)
        config = self.home / "config"
        # Own copies of what a node may change; links would reach into the shared installation.
        shutil.rmtree(config)
        shutil.copytree(installed / "config", config)
        for inner in ("data", "logs", "tmp"):
            (self.home / inner).mkdir(exist_ok=True)
        found = settings or {}
        everything = {
            "cluster.name": cluster,
            "node.name": name,
            "path.data": str(self.home / "data"),
            "path.logs": str(self.home / "logs"),
            "network.host": LOOPBACK,
            "http.port": self.http_port,
            "transport.port": self.transport_port,
            # A laptop's disk is often fuller than a server's should be.
            "cluster.routing.allocation.disk.threshold_enabled": False,
            **({} if any(key in found for key in DISCOVERY_KEYS) else ALONE),
            **found,
        }
        (config / "opensearch.yml").write_text(yaml.safe_dump(everything, sort_keys=False))
        for relative, content in (config_files or {}).items():
            target = config / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        for inner in ("config", "data", "logs", "tmp"):
            if user is not None:
                hand_over(self.home / inner, user)
        environment = {
            **java_environment(self._jdk),
            "OPENSEARCH_PATH_CONF": str(config),
            "OPENSEARCH_TMPDIR": str(self.home / "tmp"),
            "OPENSEARCH_JAVA_OPTS": " ".join([f"-Xms{heap}", f"-Xmx{heap}", *java_options]),
            "HOME": str(self.home),
        }
        super().__init__(
            Service(
                name=name,
                command=[str(self.home / "bin" / "opensearch")],
                environment=environment,
                folder=self.home,
                log=log or self.home / "logs" / "console.log",
                ready_urls=[
                    f"http://{LOOPBACK}:{self.http_port}/_cluster/health?wait_for_status=yellow&timeout=1s"
                ],
                user=user,
                grace=30,
                owned=[self.home],
            ),
            patience=180,
        )
        if secure_settings:
            self._add_to_keystore(secure_settings, user)

    @property
    def url(self) -> str:
        """Where clients call it."""
        return f"http://{LOOPBACK}:{self.http_port}"

    @property
    def transport_address(self) -> str:
        """Where other nodes find it."""
        return f"{LOOPBACK}:{self.transport_port}"

    def _add_to_keystore(self, secrets: Mapping[str, str], user: str | None) -> None:
        tool = str(self.home / "bin" / "opensearch-keystore")
        calls = [
            (["create"], ""),
            *((["add", "--stdin", "--force", key], value) for key, value in secrets.items()),
        ]
        for arguments, given in calls:
            outcome = subprocess.run(
                [tool, *arguments], input=given, capture_output=True, text=True, timeout=60, check=False,
                cwd=self.home, env={"PATH": "/usr/bin:/bin", **self.service.environment},
                user=user, group=group_of(user) if user else None, extra_groups=[] if user else None,
            )  # fmt: skip
            if outcome.returncode != 0:
                said = (outcome.stdout + outcome.stderr).strip()
                raise StackError(f"opensearch-keystore {arguments[0]} failed: {said}")
